"""Where the start page is."""

from django.urls import path

from firstcall.web.today.views import line, tasks, today

urlpatterns = [
    path("", today, name="home"),
    path("today/tasks", tasks, name="today-tasks"),
    path("today/<int:rule>/<int:id>", line, name="today-line"),
]
