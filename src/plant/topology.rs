//! Bus sections joined by breakers: which sections are one island. Union-find over closed ties.

use super::config::Tie;

/// Island number of each section, islands numbered in order of their first section.
#[must_use]
pub fn islands(sections: usize, ties: &[Tie], closed: &[bool]) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..sections).collect();
    for (tie, _) in ties.iter().zip(closed).filter(|(_, c)| **c) {
        let (a, b) = (root(&mut parent, tie.from), root(&mut parent, tie.to));
        parent[a.max(b)] = a.min(b);
    }
    let mut number = vec![usize::MAX; sections];
    let mut next = 0;
    (0..sections)
        .map(|s| {
            let r = root(&mut parent, s);
            if number[r] == usize::MAX {
                number[r] = next;
                next += 1;
            }
            number[r]
        })
        .collect()
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tie(from: usize, to: usize) -> Tie {
        Tie { name: String::new(), from, to, closed: true }
    }

    #[test]
    fn closed_ties_join_open_ties_split() {
        let ties = [tie(0, 1), tie(1, 2), tie(3, 2)];
        assert_eq!(islands(4, &ties, &[true, true, true]), [0, 0, 0, 0]);
        assert_eq!(islands(4, &ties, &[true, false, true]), [0, 0, 1, 1]);
        assert_eq!(islands(4, &ties, &[false, false, false]), [0, 1, 2, 3]);
    }
}
