package io.lorikeet.engine.generation;

/** How likely a token of a draft holds, those before it holding: a running mean. */
final class AcceptanceRate {
    /** Of what nothing is known. */
    static final double UNKNOWN = 0.5;

    /** So slowly does one that is not tried become unknown again: a failure outweighs this many steps without a try. */
    private static final int FORGETTING = 64;

    private final int window;
    private double rate;

    /**
     * @param rate to begin with
     * @param window tokens after which half of what was before has lost its weight, about
     */
    AcceptanceRate(double rate, int window) {
        this.rate = rate;
        this.window = window;
    }

    double rate() {
        return rate;
    }

    /** Of so many tokens of a draft so many held. The first that does not says nothing of those after it. */
    void tried(int drafted, int accepted) {
        for (int i = 0; i < Math.min(drafted, accepted + 1); i++) {
            rate += ((i < accepted ? 1 : 0) - rate) / window;
        }
    }

    /** There was something to try, and it was not worth it: so that what has changed is found out. */
    void passed() {
        rate += (UNKNOWN - rate) / ((double) window * FORGETTING);
    }
}
