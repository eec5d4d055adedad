package release_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// TestFieldsOfOthers: what somebody else has set is left to him as long as the chart
// asks for what it asked for; a change of the chart's is a conflict.
func TestFieldsOfOthers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, chart string
		force       bool
		wantData    string
		wantLeft    []release.LeftField
		wantErr     string
	}{
		{name: "unchanged", chart: "a", wantData: "theirs", wantLeft: []release.LeftField{{Path: ".data.x", Manager: "scaler"}}},
		{name: "forced", chart: "a", force: true, wantData: "1"},
		{name: "changed", chart: "a=2", wantData: "theirs", wantErr: `conflict with "scaler"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			b := newBed(t, bedConfig{})
			b.deploy(configMaps(t, "a", "b"))
			b.cluster.Edit("scaler", cmRef("a"), func(o map[string]any) { o["data"].(map[string]any)["x"] = "theirs" })
			var left []release.LeftField
			_, err := b.try(t.Context(), release.DeployRequest{
				Mode: release.Upgrade, Chart: configMaps(t, tt.chart, "b"), Objects: release.ObjectOptions{ForceConflicts: tt.force},
			}, release.ApplyOptions{Observe: func(ev release.Event) {
				if ev.Kind == release.EventLeft {
					left = append(left, ev.Fields...)
				}
			}})
			if (err != nil) != (tt.wantErr != "") || err != nil && !strings.Contains(err.Error(), tt.wantErr) {
				t.Errorf("error %v, want %q", err, tt.wantErr)
			}
			if diff := cmp.Diff(tt.wantLeft, left); diff != "" {
				t.Errorf("left (-want +got):\n%s", diff)
			}
			if got := b.cluster.Object(cmRef("a"))["data"].(map[string]any)["x"]; got != tt.wantData {
				t.Errorf("x is %v, want %s", got, tt.wantData)
			}
		})
	}
}
