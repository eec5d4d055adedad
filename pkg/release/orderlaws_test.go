package release_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestOrderLaws: whatever objects say, each comes after what it depends on, what has
// no say in it is in the order of weights and kinds, and deleting is the reverse.
func TestOrderLaws(t *testing.T) {
	t.Parallel()
	for seed := range uint64(60) {
		random := rand.New(rand.NewPCG(seed, 1))
		files := map[string]string{}
		needs := map[string][]string{}
		names := random.Perm(12) // so that the order of files is no order of dependencies
		for i, n := range names {
			name := fmt.Sprintf("o%02d", n)
			var annotations, targets []string
			for _, other := range names[:i] {
				if random.IntN(6) == 0 {
					needs[name] = append(needs[name], fmt.Sprintf("o%02d", other))
					targets = append(targets, kindOf(other)+fmt.Sprintf("/o%02d", other))
				}
			}
			if len(targets) > 0 {
				annotations = append(annotations, dependsOn(strings.Join(targets, ",")))
			}
			if random.IntN(3) == 0 {
				annotations = append(annotations, weight(fmt.Sprint(random.IntN(5)-2)))
			}
			files[name+".yaml"] = object(map[string]string{"ConfigMap": "v1", "Deployment": "apps/v1"}[kindOf(n)], kindOf(n), name, annotations...)
		}
		b := newBed(t, bedConfig{})
		deploy, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, files)})
		if err != nil {
			t.Fatal(err)
		}
		checkOrder(t, seed, deploy.Steps, needs, false)
		if _, err := b.Apply(t.Context(), deploy, release.ApplyOptions{}); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		remove, err := b.PlanUninstall(t.Context(), release.UninstallRequest{Key: webKey()})
		if err != nil {
			t.Fatal(err)
		}
		checkOrder(t, seed, remove.Deletes, needs, true)
		if _, err := b.Apply(t.Context(), remove, release.ApplyOptions{}); err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		b.wantRecords()
	}
}

func kindOf(n int) string {
	if n%3 == 0 {
		return "Deployment"
	}
	return "ConfigMap"
}

func checkOrder(t *testing.T, seed uint64, steps []release.Step, needs map[string][]string, deletes bool) {
	t.Helper()
	at := map[string]int{}
	edges := 0
	for i, s := range steps {
		at[s.Ref.Name] = i
		edges += len(s.After)
		for _, ref := range s.After {
			if !slices.ContainsFunc(steps[:i], func(s release.Step) bool { return s.Ref == ref }) {
				t.Errorf("seed %d: %s waits for %s, which comes later", seed, s.Ref, ref)
			}
		}
	}
	if len(at) != 12 {
		t.Fatalf("seed %d: %d steps", seed, len(at))
	}
	wanted := 0
	for name, others := range needs {
		wanted += len(others)
		for _, other := range others {
			if (at[other] < at[name]) == deletes {
				t.Errorf("seed %d: %s needs %s: they stand at %d and %d", seed, name, other, at[name], at[other])
			}
		}
	}
	if edges != wanted {
		t.Errorf("seed %d: %d edges, want %d", seed, edges, wanted)
	}
	free := slices.DeleteFunc(slices.Clone(steps), func(s release.Step) bool {
		return len(needs[s.Ref.Name]) > 0 || slices.ContainsFunc(steps, func(other release.Step) bool {
			return slices.Contains(needs[other.Ref.Name], s.Ref.Name)
		})
	})
	rank := func(s release.Step) int {
		r := s.Weight*10 + map[string]int{"ConfigMap": 0, "Deployment": 1}[s.Ref.Kind]
		if deletes {
			return -r
		}
		return r
	}
	if !slices.IsSortedFunc(free, func(a, b release.Step) int { return rank(a) - rank(b) }) {
		var refs []manifest.Ref
		for _, s := range free {
			refs = append(refs, s.Ref)
		}
		t.Errorf("seed %d: %v", seed, refs)
	}
}
