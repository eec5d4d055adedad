package releasetest

import (
	"slices"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// sweeps checks a store that reads many records by few requests, and one that knows
// its namespaces.
func (s *storeTest) sweeps() {
	if store, ok := s.Store.(release.Sweeper); ok {
		s.some()
		var got []string
		opts := release.ListOptions{Namespace: s.key.Namespace, Name: s.key.Name, Selector: "status in (deployed,failed)"}
		for found, err := range store.Sweep(s.Context(), opts) {
			if err != nil {
				s.Fatal(err)
			}
			rel, err := found.Decode(found.Payload)
			if err != nil {
				s.Fatal(err)
			}
			sum, err := found.Summarize(found.Payload)
			if err != nil {
				s.Fatal(err)
			}
			if diff := cmp.Diff(rel.Summary(), sum); diff != "" {
				s.Errorf("summary (-record +summary):\n%s", diff)
			}
			got = append(got, release.RecordName(rel.Name, rel.Version))
		}
		if diff := cmp.Diff([]string{release.RecordName(s.key.Name, 2)}, got); diff != "" {
			s.Errorf("swept: %s", diff)
		}
		for _, err := range store.Sweep(s.Context(), opts) {
			if err != nil {
				s.Error(err)
			}
			break // which is allowed
		}
	}
	if store, ok := s.Store.(release.NamespaceLister); ok {
		namespaces, err := store.Namespaces(s.Context())
		if err != nil || !slices.Contains(namespaces, s.key.Namespace) {
			s.Errorf("namespaces %v, error %v", namespaces, err)
		}
	}
}
