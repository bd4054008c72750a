"""An area that does not exist: its protocol, as somebody would add it."""

TRIAL = """
[protocol]
kind = "area"
id = "trial"
order = 99
questions = ["site", "severity", "earlier"]
health = ["RF12"]

[[options.site]]
id = "belly"
size = "large"

[[options.site]]
id = "one_line"
implies = "RF31"

[[statement]]
id = "trial.sessions"
topic = "sessions"
value = { low = 2, high = 3, unit = "session" }
hedge = "may"
source.title = "A review of trials"
source.passage = "Table: Visits"
note = "Ours."

[[statement]]
id = "trial.spacing"
topic = "spacing"
value = { low = 4, high = 6, unit = "week" }
hedge = "may"
source.title = "A review of trials"
source.passage = "Table: Visits"
note = "Ours."

[[statement]]
id = "trial.window"
topic = "window"
value = { low = 8, high = 12, unit = "week" }
hedge = "may"
source.title = "A review of trials"
source.passage = "Table: Visits"
note = "Ours."

[[statement]]
id = "trial.upkeep"
topic = "upkeep"
value = { low = 1, high = 2, unit = "per_year" }
hedge = "may"
source.title = "A review of trials"
source.passage = "Table: Upkeep"
note = "Ours."

[[statement]]
id = "trial.upkeep_gap"
topic = "upkeep"
value = { low = 6, high = 12, unit = "month" }
hedge = "may"
derived = { rule = "year_shared_by_visits", of = ["trial.upkeep"] }
source.title = "A review of trials"
source.passage = "Table: Upkeep"
note = "Ours."

[[statement]]
id = "trial.first_change"
topic = "first_change"
value = { not_stated = "no_timeline" }
hedge = "none"
source.title = "A review of trials"
source.passage = "Table"
note = "Ours."

[[statement]]
id = "trial.full_effect"
topic = "full_effect"
value = { words = "after_a_while" }
hedge = "none"
applies = { severity = ["mild"] }
source.title = "A review of trials"
source.passage = "Table"
note = "Ours."

[[factor]]
id = "trial.age"
direction = "more"
of = "sessions"
when = { fields = ["severity"], values = ["advanced"] }
hedge = "may"
source.title = "A review of trials"
source.passage = "Text"
note = "Ours."
"""
