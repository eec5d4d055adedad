package release_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/chart"
	"github.com/seed-0d4f92cc/pack/pkg/manifest"
	"github.com/seed-0d4f92cc/pack/pkg/release"
)

// helmRecords reads the records that Helm 3.22.0 and Helm 4.3.1 wrote: what was
// in their Secrets.
func helmRecords(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/records/*.txt")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no records in testdata: %v", err)
	}
	records := map[string][]byte{}
	for _, p := range paths {
		data, err := os.ReadFile(p)
		if err != nil {
			t.Fatal(err)
		}
		records[strings.TrimSuffix(filepath.Base(p), ".txt")] = data
	}
	return records
}

// unpackE undoes base64 and gzip without the code under test.
func unpackE(t testing.TB, e []byte) string {
	t.Helper()
	r, err := gzip.NewReader(base64.NewDecoder(base64.StdEncoding, bytes.NewReader(e)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func pack(t testing.TB, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := io.WriteString(w, text); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return []byte(base64.StdEncoding.EncodeToString(b.Bytes()))
}

func mustDecode(t testing.TB, e []byte) *release.Release {
	t.Helper()
	rel, err := release.Decode(e)
	if err != nil {
		t.Fatal(err)
	}
	return rel
}

func mustEncode(t testing.TB, rel *release.Release) []byte {
	t.Helper()
	e, err := release.Encode(rel)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestDecodeHelm(t *testing.T) {
	t.Parallel()
	type facts struct {
		Name, Chart string
		Revision    int
		Status      release.Status
		Description string
		Method      release.ApplyMethod
		Config      map[string]any
		Templates   int
		HookPhases  []release.HookPhase
		RolledBack  int
		Deleted     bool
	}
	done, never := release.HookSucceeded, release.HookPhase("")
	values := map[string]any{"image": map[string]any{"tag": 9.0}, "n": 5.0}
	want := map[string]facts{
		"helm3-install":   {"three", "web-1.2.3", 1, "superseded", "Install complete", "", values, 4, []release.HookPhase{done, never}, 0, false},
		"helm3-upgrade":   {"three", "web-1.2.3", 2, "superseded", "Upgrade complete", "", map[string]any{"n": 6.0}, 4, []release.HookPhase{done, never}, 0, false},
		"helm3-rollback":  {"three", "web-1.2.3", 3, "deployed", "Rollback to 1", "", values, 4, []release.HookPhase{done, done}, 0, false},
		"helm3-uninstall": {"bare3", "bare-0.0.1", 1, "uninstalled", "Uninstallation complete", "", nil, 0, nil, 0, true},
		"helm4-install":   {"four", "web-1.2.3", 1, "superseded", "first <one>", "ssa", values, 4, []release.HookPhase{done, never}, 0, false},
		"helm4-upgrade":   {"four", "web-1.2.3", 2, "superseded", "Upgrade complete", "ssa", map[string]any{"image": map[string]any{"tag": 9.0}, "n": 6.0}, 4, []release.HookPhase{done, never}, 0, false},
		"helm4-rollback":  {"four", "web-1.2.3", 3, "deployed", "Rollback to 1", "ssa", values, 4, []release.HookPhase{done, done}, 1, false},
		"helm4-uninstall": {"bare", "bare-0.0.1", 1, "uninstalled", "Uninstallation complete", "ssa", nil, 0, nil, 0, true},
	}
	got := map[string]facts{}
	for name, e := range helmRecords(t) {
		rel := mustDecode(t, e)
		var phases []release.HookPhase
		for _, h := range rel.Hooks {
			phases = append(phases, h.LastRun.Phase)
			if ran := !h.LastRun.StartedAt.IsZero(); ran != (h.LastRun.Phase == done) {
				t.Errorf("%s: hook %s ran: %v, but its phase is %q", name, h.Name, ran, h.LastRun.Phase)
			}
		}
		got[name] = facts{
			rel.Name, rel.Chart.FullName(), rel.Version, rel.Info.Status, rel.Info.Description, rel.ApplyMethod,
			rel.Config, len(rel.Chart.Templates), phases, rel.Info.RollbackRevision, !rel.Info.Deleted.IsZero(),
		}
		if rel.Info.LastDeployed.Before(rel.Info.FirstDeployed.Time) || rel.Info.FirstDeployed.IsZero() {
			t.Errorf("%s: deployed %v, last %v", name, rel.Info.FirstDeployed, rel.Info.LastDeployed)
		}
		if len(rel.Unknown)+len(rel.Info.Unknown) > 0 {
			t.Errorf("%s: members of Helm's record are unknown: %v, %v", name, rel.Unknown, rel.Info.Unknown)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEncodeAsHelm4 holds what is written to Helm 4's bytes.
func TestEncodeAsHelm4(t *testing.T) {
	t.Parallel()
	for name, e := range helmRecords(t) {
		if !strings.HasPrefix(name, "helm4-") {
			continue
		}
		if diff := cmp.Diff(unpackE(t, e), unpackE(t, mustEncode(t, mustDecode(t, e)))); diff != "" {
			t.Errorf("%s is written otherwise than Helm does (-helm +pack):\n%s", name, diff)
		}
	}
}

// TestEncodeOfHelm3 allows what Helm 4 too writes otherwise than Helm 3.
func TestEncodeOfHelm3(t *testing.T) {
	t.Parallel()
	for name, e := range helmRecords(t) {
		if !strings.HasPrefix(name, "helm3-") {
			continue
		}
		want := unpackE(t, e)
		for _, never := range []string{`"deleted":"",`, `"started_at":"",`, `"completed_at":"",`} {
			want = strings.ReplaceAll(want, never, "")
		}
		want = strings.Replace(want, `,"files":`, `,"schemamodtime":"0001-01-01T00:00:00Z","files":`, 1)
		if diff := cmp.Diff(want, unpackE(t, mustEncode(t, mustDecode(t, e)))); diff != "" {
			t.Errorf("%s (-helm +pack):\n%s", name, diff)
		}
	}
}

func TestEncodeForm(t *testing.T) {
	t.Parallel()
	rel := &release.Release{
		Name: "web", Version: 1, Namespace: "prod", Info: &release.Info{
			Status: release.StatusDeployed, Resources: map[string][]json.RawMessage{"v1/Pod": {json.RawMessage("{}")}},
		},
		Chart:  &release.Chart{Metadata: &chart.Metadata{Name: "web", Version: "1.0.0"}},
		Labels: map[string]string{"team": "edge"}, Annotations: map[string]string{"a": "b"}, ResourceVersion: "7",
	}
	e := mustEncode(t, rel)
	want := `{"name":"web","info":{"status":"deployed"},"chart":{"metadata":{"name":"web","version":"1.0.0"},` +
		`"lock":null,"templates":null,"values":null,"schema":null,"schemamodtime":"0001-01-01T00:00:00Z","files":null},` +
		`"version":1,"namespace":"prod"}`
	if diff := cmp.Diff(want, unpackE(t, e)); diff != "" {
		t.Error(diff)
	}
	zipped, err := base64.StdEncoding.DecodeString(string(e))
	if err != nil {
		t.Fatal(err)
	}
	// No time, best compression, unknown system: Helm's header.
	if diff := cmp.Diff([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 255}, zipped[:10]); diff != "" {
		t.Errorf("gzip header: %s", diff)
	}
	if !bytes.Equal(e, mustEncode(t, rel)) {
		t.Error("the same record gives other bytes the second time")
	}
}

func TestDecodeForms(t *testing.T) {
	t.Parallel()
	const text = `{"name":"web","version":2,"info":{"deleted":"","last_deployed":"2026-01-02T03:04:05Z","first_deployed":null},
		"hooks":[null,{"name":"h","last_run":{"started_at":""}}],
		"chart":{"metadata":{"dependencies":[null],"maintainers":[null]},"lock":{"dependencies":[null]}}}`
	want := mustDecode(t, []byte(text))
	if got := len(want.Hooks) + len(want.Chart.Metadata.Dependencies) + len(want.Chart.Metadata.Maintainers) + len(want.Chart.Lock.Dependencies); got != 1 {
		t.Errorf("%d elements are left in the lists, want the hook alone", got)
	}
	if at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC); !want.Info.LastDeployed.Equal(at) {
		t.Errorf("last deployed %v, want %v", want.Info.LastDeployed, at)
	}
	var zipped bytes.Buffer
	w := gzip.NewWriter(&zipped)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for form, e := range map[string][]byte{
		"base64 of gzip":    pack(t, text),
		"with a line break": append(pack(t, text), '\n'),
		"base64 of JSON":    []byte(base64.StdEncoding.EncodeToString([]byte(text))),
		"gzip":              zipped.Bytes(),
	} {
		if diff := cmp.Diff(want, mustDecode(t, e)); diff != "" {
			t.Errorf("%s: %s", form, diff)
		}
	}
	bare := mustDecode(t, []byte(`{"name":"web","version":1}`))
	if bare.Info == nil || bare.Chart == nil || bare.Chart.Metadata == nil || bare.Info.Status != release.StatusUnknown {
		t.Errorf("a record without info and chart has gaps: %+v", bare)
	}
}

func TestHeadDecode(t *testing.T) {
	t.Parallel()
	head := release.Head{
		Key: release.Key{Namespace: "copied", Name: "four"}, Revision: 3, Status: release.StatusDeployed,
		Labels: map[string]string{"team": "edge", "owner": "helm"}, Annotations: map[string]string{"a": "b"},
	}
	e := helmRecords(t)["helm4-rollback"]
	rel, err := head.Decode(e)
	if err != nil {
		t.Fatal(err)
	}
	if rel.Key() != head.Key || !cmp.Equal(rel.Labels, head.Labels) || !cmp.Equal(rel.Annotations, head.Annotations) {
		t.Errorf("key %v, labels %v, annotations %v", rel.Key(), rel.Labels, rel.Annotations)
	}
	for _, tt := range []struct {
		head    release.Head
		payload []byte
		want    string
	}{
		{release.Head{Key: head.Key, Revision: 2}, e, `record of revision 2 of release copied/four cannot be read: it holds revision 3 of release "four"`},
		{release.Head{Key: release.Key{Namespace: "n", Name: "five"}, Revision: 3}, e, `record of revision 3 of release n/five cannot be read: it holds revision 3 of release "four"`},
		{head, nil, "record of revision 3 of release copied/four cannot be read: it is empty"},
	} {
		_, err := tt.head.Decode(tt.payload)
		damaged, ok := errors.AsType[*release.RecordError](err)
		if !ok || err.Error() != tt.want || damaged.Key != tt.head.Key || damaged.Revision != tt.head.Revision {
			t.Errorf("error %v, want %s", err, tt.want)
		}
	}
}

func TestEncodeErrors(t *testing.T) {
	t.Parallel()
	deep := map[string]any{}
	for range 2000 {
		deep = map[string]any{"a": deep}
	}
	for _, tt := range []struct {
		name string
		rel  release.Release
		want string
	}{
		{"not a number", release.Release{Config: map[string]any{"a": math.NaN()}}, "unsupported value: NaN"},
		{"no JSON", release.Release{Config: map[string]any{"a": func() {}}}, "unsupported type: func()"},
		{"deep", release.Release{Config: deep}, "it is nested too deeply"},
		{"many", release.Release{Config: map[string]any{"a": make([]any, 1<<20+1)}}, "it has too many values"},
		{"unknown", release.Release{Unknown: map[string]json.RawMessage{"a": json.RawMessage("{")}}, "unexpected end of JSON input"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.rel.Name, tt.rel.Namespace, tt.rel.Version = "web", "prod", 4
			_, err := release.Encode(&tt.rel)
			if err == nil || !strings.Contains(err.Error(), tt.want) ||
				!strings.HasPrefix(err.Error(), "record of revision 4 of release prod/web cannot be written: ") {
				t.Errorf("error %v, want one with %q", err, tt.want)
			}
		})
	}
}

func ExampleDecode() {
	// What a Secret of type helm.sh/release.v1 has as data.release.
	e, err := release.Encode(&release.Release{
		Name: "web", Version: 3, Namespace: "prod",
		Info:  &release.Info{Status: release.StatusDeployed, Description: "Upgrade complete"},
		Chart: &release.Chart{Metadata: &chart.Metadata{Name: "web", Version: "1.4.0"}},
		Hooks: []*release.Hook{{Name: "migrate", Kind: "Job", Events: []manifest.Event{manifest.EventPreUpgrade}}},
	})
	if err != nil {
		panic(err)
	}
	rel, err := release.Decode(e)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString(rel.Name + " " + rel.Chart.FullName() + ": " + rel.Info.Description + "\n")
	// Output: web web-1.4.0: Upgrade complete
}
