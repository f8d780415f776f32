"""Every address of the service: the API, its documentation and health, and a home page.

Under /v1 errors are JSON (`api.middleware`).
"""

from django.urls import include, path
from django.views.generic import RedirectView

from invorec import health
from invorec.dashboard.staff import staff
from invorec.docs import views as docs
from invorec.home import home
from invorec.metrics import metrics

urlpatterns = [
    path("", home, name="home"),
    path("docs", docs.docs, name="docs"),
    path("docs/<slug:name>", docs.guide, name="docs-guide"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("staff", RedirectView.as_view(pattern_name="staff:index")),
    path("staff/", staff.urls),
    path("v1/", include("api.urls")),
]
