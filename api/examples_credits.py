"""Credits as the OpenAPI document shows them."""

from __future__ import annotations

from typing import Any

CREDITS: dict[str, Any] = {
    "subscription": 4210,
    "topUp": 500,
    "remaining": 4710,
    "planMonthlyAllotment": 6000,
    "plan": "business",
    "object": "credits",
    "reserved": 3,
    "resets": 1777593600,
    "resetsAt": "2026-05-01T00:00:00Z",
}
LOW = CREDITS | {"subscription": 100, "remaining": 600}
EXHAUSTED = CREDITS | {"subscription": 0, "topUp": 0, "remaining": 0}
