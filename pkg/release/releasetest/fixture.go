package releasetest

import (
	"crypto/rand"
	"encoding/json"
	"strings"
	"time"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// NewRelease returns a record with a value in every field, for tests of stores
// and of what is printed. Two calls share nothing.
func NewRelease(key release.Key, revision int, status release.Status) *release.Release {
	at := func(minute int) release.Time {
		return release.Time{Time: time.Date(2026, 3, 4, 5, minute, revision, 678900000, time.UTC)}
	}
	text := "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: " + key.Name + "\n"
	return &release.Release{
		Name: key.Name, Namespace: key.Namespace, Version: revision,
		Info: &release.Info{
			FirstDeployed: at(0), LastDeployed: at(revision % 60), Status: status,
			Description: "Install complete", Notes: "Reach it at <http://" + key.Name + ">.\n", RollbackRevision: 1,
			Unknown: map[string]json.RawMessage{"note": json.RawMessage(`"kept"`)},
		},
		Chart: &release.Chart{
			Metadata: &chart.Metadata{
				APIVersion: "v2", Name: "web", Version: "1.2.3", AppVersion: "4.5.6", Type: "application",
				Maintainers:  []*chart.Maintainer{{Name: "Ada", Email: "ada@example.com"}},
				Dependencies: []*chart.Dependency{{Name: "cache", Version: "0.x", Enabled: true}},
				Annotations:  map[string]string{"team": "edge"},
			},
			Lock:      &chart.Lock{Generated: at(0).Time, Digest: "sha256:0", Dependencies: []*chart.Dependency{}},
			Templates: []release.File{{Name: "templates/cm.yaml", Data: []byte(text), ModTime: at(1).Time}},
			Values:    map[string]any{"replicas": 2.0, "hosts": []any{"a", nil, true}, "none": nil},
			Schema:    []byte(`{"type":"object"}`),
			Files:     []release.File{{Name: "README.md", Data: []byte("# web & more\n")}},
			ModTime:   at(2).Time,
		},
		Config:   map[string]any{"replicas": 3.0, "image": map[string]any{"tag": "1.27"}},
		Manifest: "---\n# Source: web/templates/cm.yaml\n" + text,
		Hooks: []*release.Hook{{
			Name: key.Name + "-migrate", Kind: "Job", Path: "web/templates/job.yaml", Manifest: "apiVersion: batch/v1\nkind: Job\n",
			Events: []manifest.Event{manifest.EventPreInstall, manifest.EventPreUpgrade}, Weight: -5,
			LastRun:           release.HookRun{StartedAt: at(3), CompletedAt: at(4), Phase: release.HookSucceeded},
			DeletePolicies:    []manifest.DeletePolicy{manifest.DeleteBeforeCreation},
			OutputLogPolicies: []manifest.OutputLogPolicy{manifest.LogOnFailure},
		}},
		ApplyMethod: release.ServerSide,
		Unknown:     map[string]json.RawMessage{"generation": json.RawMessage(`{"by":"a later version"}`)},
	}
}

// uniqueName returns a valid name of a release or an object that nobody else
// uses.
func uniqueName(stem string) string {
	return stem + "-" + strings.ToLower(rand.Text()[:10])
}
