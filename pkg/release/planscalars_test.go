package release_test

import (
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestPlanBlockScalars has values that end a document: Helm 4 reads them with
// the line break after it, but not those of hooks.
func TestPlanBlockScalars(t *testing.T) {
	t.Parallel()
	const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  text: "
	for name, tt := range map[string]struct{ file, want string }{
		"kept":                            {head + "|+\n    x\n", "x\n\n"},
		"kept, with empty lines":          {head + "|+\n    x\n\n\n", "x\n\n\n\n"},
		"kept, without a line break":      {head + "|+\n    x", "x\n"},
		"kept, before another document":   {head + "|+\n    x\n---\n" + object("v1", "Service", "b"), "x\n\n"},
		"kept and folded":                 {head + ">2+\n    x\n", "x\n\n"},
		"clipped":                         {head + "|\n    x\n", "x\n"},
		"clipped, without a line break":   {head + "|\n    x", "x\n"},
		"stripped, without a line break":  {head + "|-\n    x", "x"},
		"no block, without a line break":  {head + "x", "x"},
		"folded, without a line break":    {head + ">\n    x\n    y", "x y\n"},
		"kept, and not the last of a map": {head + "|+\n    x\n\n  more: y\n", "x\n\n"},
	} {
		b := newBed(t, bedConfig{})
		plan, err := b.PlanDeploy(t.Context(), release.DeployRequest{Key: webKey(), Chart: chartOf(t, map[string]string{"a.yaml": tt.file})})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		data, _ := plan.Steps[0].Object["data"].(map[string]any)
		if got := data["text"]; got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
