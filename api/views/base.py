"""What every view under /v1 has in common."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any, ClassVar

from django.http.response import HttpResponseBase
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.views import APIView

from api import idempotency, ratelimit, versioning
from api.authentication import BearerAuthentication
from api.parsers import JsonParser
from api.permissions import HasScope, PlanAllowsApi, key_of
from api.prefer import Accepted
from billing.tenant import Tenant
from invorec.lib import versions


class ApiView(APIView):
    """A view for programs: a key, a plan, a scope per method. `scopes` must name every method that the view has.

    Whoever asks is counted first (`api.ratelimit`); what changes something happens once (`api.idempotency`).
    """

    authentication_classes = [BearerAuthentication]
    permission_classes = [PlanAllowsApi, HasScope]
    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    http_method_names = ["get", "head", "post", "patch", "delete"]
    scopes: ClassVar[dict[str, str]] = {}
    uploads: ClassVar[tuple[str, ...]] = ()  # the methods that count as an upload

    @property
    def tenant(self) -> Tenant:
        """Whose data this request may know of."""
        return key_of(self.request).tenant

    @contextmanager
    def prepared(self, request: Request) -> Iterator[None]:
        """Around a POST, PATCH or DELETE: what is too slow for its transaction, left on `self`, and tidied up after."""
        yield

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """DRF's dispatch, with `answer` in place of the bare method."""
        self.args, self.kwargs, self.headers = args, kwargs, self.default_response_headers
        self.request = self.initialize_request(request, *args, **kwargs)
        try:
            self.initial(self.request, *args, **kwargs)
            response = self.answer(self.request)
        except Exception as exc:
            response = self.handle_exception(exc)
        self.response = self.finalize_response(self.request, response, *args, **kwargs)
        return self.response

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Raises AuthenticationRequired, InvalidApiKey, RateLimited before it looks at anything else."""
        ratelimit.count(request, is_upload=request.method in self.uploads)
        super().initial(request, *args, **kwargs)
        request.version = versioning.requested(request)
        versioning.upgrade_query(request)

    def answer(self, request: Request) -> Any:
        """What the view's method answers; one that changes something, once per idempotency key."""
        if request.method not in self.allowed_methods:
            self.http_method_not_allowed(request)
        method = getattr(self, str(request.method).lower())
        work = partial(self.in_version, method)
        if request.auth is None or request.method not in idempotency.METHODS:
            return work()
        prepared = partial(self.prepared, request)
        response = idempotency.run_once(request, tenant=self.tenant, prepared=prepared, work=work)
        later = response.later() if isinstance(response, Accepted) else None
        return versioning.presented(request, later) if later else response

    def in_version(self, method: Callable[..., Any]) -> Any:
        """What `method` answers, in the form that the request's version has."""
        return versioning.presented(self.request, method(self.request, *self.args, **self.kwargs))

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """DRF's, and the version of the answer."""
        final = super().finalize_response(request, response, *args, **kwargs)
        final.headers.setdefault(versioning.HEADER, getattr(request, "version", None) or versions.current())
        return final
