/* FTRL-Proximal over runs of sentences; see ftrl.py, which does the same where there is no compiler. */
#include <math.h>

static double alpha, l1, l2;
static double *z, *n;

static double weight(int at) {
    if (z[at] >= -l1 && z[at] <= l1) return 0;
    return -(z[at] > 0 ? z[at] - l1 : z[at] + l1) / ((1 + sqrt(n[at])) / alpha + l2);
}

static double chance(double score) {
    return 1 / (1 + exp(-fmax(-30, fmin(30, score))));
}

static double score(const int *ends, const int *names, const double *values, int sentence) {
    double sum = weight(0);
    for (int i = sentence ? ends[sentence - 1] : 0; i < ends[sentence]; i++) sum += weight(names[i]) * values[i];
    return sum;
}

static void step(int at, double by) {
    double before = n[at], after = before + by * by;
    z[at] += by - (sqrt(after) - sqrt(before)) / alpha * weight(at);
    n[at] = after;
}

static void learn(const int *ends, const int *names, const double *values, int sentence, double gradient) {
    for (int i = sentence ? ends[sentence - 1] : 0; i < ends[sentence]; i++) step(names[i], gradient * values[i]);
    step(0, gradient);
}

/* `run_ends[r]` is where run r ends among the sentences, `ends[s]` where sentence s ends among the features;
   `wanted[r]` is 1 for a run that has the kind, 0 for one that has not, 2 for one that teaches nothing. */
void runs(int steps, const int *order, const int *run_ends, const int *ends, const int *names, const double *values,
          const unsigned char *wanted, const double *weights, double *z_, double *n_, double alpha_, double l1_,
          double l2_, double least, double wanted_weight) {
    z = z_, n = n_, alpha = alpha_, l1 = l1_, l2 = l2_;
    for (int at = 0; at < steps; at++) {
        int run = order[at], first = run ? run_ends[run - 1] : 0, end = run_ends[run];
        if (wanted[run] == 2) continue;
        if (wanted[run]) {
            int plainest = first;
            double most = -INFINITY;
            for (int s = first; s < end; s++) {
                double its = score(ends, names, values, s);
                if (its > most) most = its, plainest = s;
            }
            double gradient = (chance(most) - 1) * weights[run] * wanted_weight;
            if (fabs(gradient) > least) learn(ends, names, values, plainest, gradient);
            continue;
        }
        for (int s = first; s < end; s++) {
            double gradient = chance(score(ends, names, values, s)) * weights[run];
            if (gradient > least) learn(ends, names, values, s, gradient);
        }
    }
}
