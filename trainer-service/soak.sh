#!/usr/bin/env bash
# The tests that a build runs in short, for long: a broker that is away for two minutes, many kills, many random jobs.
#   trainer-service/soak.sh [ROUNDS]      each round kills the trainer three times; 10 by default
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-10}
./lorikeet test -pl trainer-service -am -Dspotless.check.skip=true \
  -Dtest=RandomJobsTest -Dit.test='TrainerSurvivesIT,DurableFilesIT' \
  -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false \
  -Dlorikeet.soak.rounds="$rounds" -Dlorikeet.soak.outage=120 \
  -Dlorikeet.soak.kills="$((rounds * 20))" -Dlorikeet.random.jobs="$((rounds * 20))"
