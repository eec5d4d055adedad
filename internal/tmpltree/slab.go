package tmpltree

// slab hands out places for nodes of a kind, side by side: an allocation for
// each node would cost more than to parse it.
type slab[T any] struct{ free []T }

// slabSize is how many places are made at once.
const slabSize = 32

// one is a place for one node.
func (s *slab[T]) one() *T {
	if len(s.free) == 0 {
		s.free = make([]T, slabSize)
	}
	p := &s.free[0]
	s.free = s.free[1:]
	return p
}

// keep copies a list into the slab.
func (s *slab[T]) keep(list []T) []T {
	n := len(list)
	if n == 0 {
		return nil
	}
	if len(s.free) < n {
		s.free = make([]T, max(n, 2*slabSize))
	}
	kept := s.free[:n:n]
	s.free = s.free[n:]
	copy(kept, list)
	return kept
}
