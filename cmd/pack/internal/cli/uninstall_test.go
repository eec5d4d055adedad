package cli

import (
	"testing"

	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestKeptText: sections are apart from each other and from what follows, as with Helm.
func TestKeptText(t *testing.T) {
	t.Parallel()
	step := func(action release.StepAction, name, reason string) release.Step {
		return release.Step{Action: action, Ref: manifest.Ref{Kind: "Service", Name: name}, Reason: reason}
	}
	gone := step(release.StepDelete, "gone", "")
	kept, foreign := step(release.StepKeep, "kept", release.KeptByPolicy), step(release.StepKeep, "foreign", release.KeptNotOwned)
	const (
		policy = "These resources were kept due to the resource policy:\n[Service] kept\n\n"
		owner  = "1 resource(s) were not deleted because they are not owned by this release:\n[Service] foreign\n\n"
	)
	for _, tt := range []struct {
		name  string
		steps []release.Step
		want  string
	}{
		{"nothing", []release.Step{gone}, ""},
		{"by policy", []release.Step{gone, kept}, policy},
		{"not owned", []release.Step{foreign, gone}, owner},
		{"both", []release.Step{foreign, kept}, policy + owner},
	} {
		if got := keptText(&release.Plan{Deletes: tt.steps}); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
