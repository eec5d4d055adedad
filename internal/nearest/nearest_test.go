package nearest_test

import (
	"testing"

	"github.com/seed-0d4f92cc/pack/internal/nearest"
)

func TestFind(t *testing.T) {
	t.Parallel()
	candidates := []string{"image", "ingress", "replicaCount", "prod", "a", "b"}
	for name, want := range map[string]string{
		"imge": "image", "iamge": "image", "IMAGE": "image", "replicacount": "replicaCount", "replicaCuont": "replicaCount",
		"prd": "prod", "dorp": "", "image": "", "c": "", "": "", "something": "",
	} {
		if got := nearest.Find(name, candidates); got != want {
			t.Errorf("%q is near %q, and not %q", name, got, want)
		}
	}
}
