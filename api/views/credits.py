"""/v1/credits: what the workspace has to spend."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from api import operations_credits as operations
from api.params import Params, read_params
from api.views.base import ApiView
from billing.credits import account_of
from billing.serializers import CreditsSerializer


class Credits(ApiView):
    scopes = {"GET": "credits:read"}

    @operations.retrieve_credits
    def get(self, request: Request) -> Response:
        read_params(Params, request)
        return Response(CreditsSerializer(account_of(self.tenant.workspace)).data)
