"""Where the start page is."""

from django.urls import path

from firstcall.web.today.beginning import leave
from firstcall.web.today.views import line, moved, tasks, today

urlpatterns = [
    path("", today, name="home"),
    path("today/first-steps/leave", leave, name="leave-first-steps"),
    path("today/tasks", tasks, name="today-tasks"),
    path("today/<int:rule>/movers", moved, name="today-movers"),
    path("today/<int:rule>/<int:id>", line, name="today-line"),
]
