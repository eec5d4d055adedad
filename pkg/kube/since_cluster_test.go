package kube_test

import (
	"fmt"
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestListSinceOnCluster: a list as of a write has it, and one as of a version that the
// server will not come to is one as of now.
func TestListSinceOnCluster(t *testing.T) {
	t.Parallel()
	client, ns := onCluster(t)
	store := kube.NewSecretStore(client)
	revisions := func(since string) (out []int) {
		t.Helper()
		for h, err := range store.List(t.Context(), release.ListOptions{Namespace: ns, Name: "web", Since: since}) {
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, h.Revision)
		}
		return out
	}
	for revision := 1; revision <= 20; revision++ {
		rel := &release.Release{Name: "web", Namespace: ns, Version: revision, Info: &release.Info{Status: release.StatusFailed}}
		if err := store.Create(t.Context(), rel); err != nil {
			t.Fatal(err)
		}
		if got := revisions(rel.ResourceVersion); len(got) != revision {
			t.Errorf("%v once revision %d was written", got, revision)
		}
	}
	if got := revisions(fmt.Sprint(int64(1) << 50)); len(got) != 20 {
		t.Errorf("%v as of a version that is not there", got)
	}
}
