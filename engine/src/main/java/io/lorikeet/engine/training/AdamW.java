package io.lorikeet.engine.training;

/** Settings of the optimiser (Loshchilov and Hutter, arXiv:1711.05101), by PyTorch's names. */
public record AdamW(double beta1, double beta2, double eps, double weightDecay) {
    public AdamW {
        require(beta1 >= 0 && beta1 < 1, "adam_beta1", "in [0, 1)", beta1);
        require(beta2 >= 0 && beta2 < 1, "adam_beta2", "in [0, 1)", beta2);
        require(eps > 0, "adam_epsilon", "above 0", eps);
        require(weightDecay >= 0, "weight_decay", "0 or more", weightDecay);
    }

    private static void require(boolean holds, String name, String expected, double found) {
        if (!holds) {
            throw new TrainingException(name + ": expected a number " + expected + ", found " + found);
        }
    }
}
