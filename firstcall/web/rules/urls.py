"""Where scoring rules are looked at, switched, copied and deleted; the builder has addresses of its own."""

from django.urls import path

from firstcall.web.rules.backtesting import backtest, backtested, stop_backtest
from firstcall.web.rules.changing import clone, delete, restore, score_fields
from firstcall.web.rules.detail import rule_detail, rule_text
from firstcall.web.rules.listing import rule_list
from firstcall.web.rules.running import run, stop_run
from firstcall.web.rules.switching import activation, forget_plan, stop

urlpatterns = [
    path("rules/", rule_list, name="rules"),
    path("rules/<int:id>/", rule_detail, name="rule"),
    path("rules/<int:id>/text", rule_text, name="rule-text"),
    path("rules/<int:id>/activation", activation, name="rule-activation"),
    path("rules/<int:id>/stop", stop, name="rule-stop"),
    path("rules/<int:id>/plan/cancel", forget_plan, name="rule-forget-plan"),
    path("rules/<int:id>/run", run, name="rule-run"),
    path("rules/<int:id>/runs/<int:job>/cancel", stop_run, name="rule-stop-run"),
    path("rules/<int:id>/backtest", backtest, name="rule-backtest"),
    path("rules/<int:id>/backtests/<int:job>", backtested, name="rule-backtested"),
    path("rules/<int:id>/backtests/<int:job>/cancel", stop_backtest, name="rule-stop-backtest"),
    path("rules/<int:id>/clone", clone, name="rule-clone"),
    path("rules/<int:id>/delete", delete, name="rule-delete"),
    path("rules/<int:id>/score-fields", score_fields, name="rule-score-fields"),
    path("rules/<int:id>/versions/<int:number>/restore", restore, name="rule-restore"),
]
