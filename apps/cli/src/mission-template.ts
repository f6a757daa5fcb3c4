/** What `init` writes: a mission that is valid as it stands. */
export const MISSION_TEMPLATE = `# What a swarm of agents is to find out. Run it: infrafabric run mission.yaml
mission: my-first-mission          # starts the names of its sessions
objective: What must a new owner know and do in the first month?

# Files, folders, globs and https URLs, from the folder of this file.
# Text, Markdown, HTML, PDF, CSV, JSON, YAML and mail are read.
evidence:
  - ./documents

agents:
  # How many work at the same time, and with which model: auto takes the best that this
  # machine has and says which; extractive needs no key and no network; or name one,
  # as in anthropic/claude-haiku-4-5. See: infrafabric models
  worker: { count: 10, model: auto }

budget: 1.00                       # US dollars, a hard stop
deadline: 30m                      # a hard stop too; what is done by then is kept

# The questions to answer. Left out, they are planned from the objective.
# tasks:
#   - id: insurance
#     question: When does the insurance expire?
#   - id: costs
#     question: What will the first month cost?
#     needs: [insurance]           # starts when that has finished, and sees its result
`
