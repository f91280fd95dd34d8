//! Random numbers that repeat: SplitMix64 (Steele, Lea, Flood, "Fast Splittable Pseudorandom Number Generators", 2014).
//!
//! Every tree and every sample draws from a generator of its own, made of a seed and a number, so that what is drawn does
//! not depend on who draws first. Of no use for secrets.

/// The finaliser of SplitMix64: a bijection that spreads every bit.
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A generator. The same seed gives the same numbers everywhere: saved models rely on it.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    /// The generator of the thing `number` under `seed`.
    pub(crate) fn of(seed: u64, number: u64) -> Self {
        Self(mix(seed.wrapping_add(0x9e37_79b9_7f4a_7c15)) ^ mix(number.wrapping_mul(0xd6e8_feb8_6659_fd93)))
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mix(self.0)
    }

    /// A number under `limit`; 0 when `limit` is 0.
    pub(crate) fn index(&mut self, limit: usize) -> usize {
        let product = u128::from(self.bits()) * (limit as u128);
        usize::try_from(product >> 64).unwrap_or_default()
    }

    /// A number from 0 to less than 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number of the standard normal distribution, by the polar method of Marsaglia (1964).
    pub(crate) fn normal(&mut self) -> f64 {
        // Each try succeeds three times in four; the bound only says that this ends.
        for _ in 0..64 {
            let (x, y) = (self.unit() * 2.0 - 1.0, self.unit() * 2.0 - 1.0);
            let s = x * x + y * y;
            if s > 0.0 && s < 1.0 {
                return x * (-2.0 * s.ln() / s).sqrt();
            }
        }
        0.0
    }

    /// `count` different numbers under `limit`, or all of them where there are no more, in the order drawn: the algorithm of
    /// Floyd (Bentley, "Programming pearls: a sample of brilliance", 1987), whose cost does not grow with `limit`.
    pub(crate) fn sample(&mut self, limit: usize, count: usize) -> Vec<usize> {
        if count >= limit {
            return (0..limit).collect();
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut drawn = Vec::with_capacity(count);
        for top in limit - count..limit {
            let candidate = self.index(top + 1);
            let taken = if seen.insert(candidate) { candidate } else { top };
            seen.insert(taken);
            drawn.push(taken);
        }
        drawn
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn a_sample_is_distinct_and_reaches_everything() {
        let mut met = [0_u32; 20];
        for number in 0..2_000 {
            let drawn = Random::of(7, number).sample(20, 5);
            let distinct: std::collections::BTreeSet<_> = drawn.iter().collect();
            assert_eq!(distinct.len(), 5);
            drawn.iter().for_each(|&at| met[at] += 1);
        }
        assert!(met.iter().all(|&times| (400..600).contains(&times)), "{met:?}");
    }

    #[test]
    fn normal_numbers_have_mean_0_and_variance_1() {
        let mut random = Random::of(1, 2);
        let drawn: Vec<f64> = (0..20_000).map(|_| random.normal()).collect();
        let mean = drawn.iter().sum::<f64>() / 20_000.0;
        let variance = drawn.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 20_000.0;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.05, "{mean} {variance}");
    }
}
