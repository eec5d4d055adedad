package release_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

func TestRecordLabels(t *testing.T) {
	t.Parallel()
	rel := &release.Release{Name: "web", Version: 12, Labels: map[string]string{"team": "edge", "status": "fine", "createdAt": "1"}}
	want := map[string]string{"name": "web", "owner": "helm", "status": "unknown", "version": "12", "team": "edge"}
	if diff := cmp.Diff(want, release.RecordLabels(rel)); diff != "" {
		t.Error(diff)
	}
	rel.Info = &release.Info{Status: release.StatusPendingRollback}
	want["status"] = "pending-rollback"
	if diff := cmp.Diff(want, release.RecordLabels(rel)); diff != "" {
		t.Error(diff)
	}
	if rel.Labels["status"] != "fine" {
		t.Error("the labels of the record were changed")
	}
}

func TestNewHead(t *testing.T) {
	t.Parallel()
	key := release.Key{Namespace: "prod", Name: "web"}
	for _, tt := range []struct {
		name, object string
		labels       map[string]string
		want         release.Head
	}{
		{
			"labels", release.RecordName("web", 3), map[string]string{"name": "web", "version": "3", "status": "failed"},
			release.Head{Key: key, Revision: 3, Status: release.StatusFailed},
		},
		{"name alone", "sh.helm.release.v1.web.v10", nil, release.Head{Key: key, Revision: 10, Status: release.StatusUnknown}},
		{
			"a name with dots", "sh.helm.release.v1.web.v1.v2", map[string]string{"owner": "helm"},
			release.Head{Key: release.Key{Namespace: "prod", Name: "web.v1"}, Revision: 2, Status: release.StatusUnknown},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.want.Labels, tt.want.Annotations = tt.labels, map[string]string{"a": "b"}
			got, err := release.NewHead("prod", tt.object, tt.labels, map[string]string{"a": "b"})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
	for _, tt := range []struct {
		object string
		labels map[string]string
	}{
		{"secret", nil},
		{"sh.helm.release.v1.web", nil},
		{"sh.helm.release.v1.web.vx", nil},
		{"sh.helm.release.v1.web.v0", nil},
		{"sh.helm.release.v1.v1", nil},
		{"any", map[string]string{"name": "web"}},
		{"any", map[string]string{"name": "web", "version": "many"}},
		{"any", map[string]string{"name": "web", "version": "3"}},
		{"sh.helm.release.v1.web.v03", map[string]string{"name": "web", "version": "3"}},
	} {
		if h, err := release.NewHead("prod", tt.object, tt.labels, nil); err == nil {
			t.Errorf("%s with labels %v has the head %+v", tt.object, tt.labels, h)
		}
	}
}

func TestCheckLabels(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		labels map[string]string
		want   string
	}{
		{map[string]string{"name": "web", "version": "3"}, ""},
		{map[string]string{"name": "web", "version": "4"}, `the labels of the record of revision 3 of release prod/web are wrong: they name release "web", revision "4"`},
		{map[string]string{"name": "web", "version": "three"}, `revision "three"`},
		{map[string]string{"name": "shop", "version": "3"}, `release "shop"`},
		{map[string]string{"name": "web"}, `revision ""`},
		{nil, `release ""`},
	} {
		head, err := release.NewHead("prod", "sh.helm.release.v1.web.v3", tt.labels, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = head.CheckLabels()
		if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
			t.Errorf("labels %v: error %v, want %q", tt.labels, err, tt.want)
		}
	}
}

// TestSummaryOfHead: what is written beside a record tells what the record does.
func TestSummaryOfHead(t *testing.T) {
	t.Parallel()
	key := release.Key{Namespace: "prod", Name: "web"}
	full := releasetest.NewRelease(key, 3, release.StatusDeployed)
	full.Annotations = map[string]string{"holder": "me"}
	bare := &release.Release{Name: "web", Namespace: "prod", Version: 3}
	wordy := releasetest.NewRelease(key, 3, release.StatusDeployed)
	wordy.Chart.Metadata.AppVersion = strings.Repeat("long", 2000)
	for name, tt := range map[string]struct {
		rel  *release.Release
		want bool
	}{"full": {full, true}, "bare": {bare, true}, "too long": {wordy, false}} {
		annotations := release.RecordAnnotations(tt.rel)
		for key, value := range tt.rel.Annotations {
			if annotations[key] != value {
				t.Errorf("%s: annotation %s is %q", name, key, annotations[key])
			}
		}
		head, err := release.NewHead("prod", release.RecordName("web", 3), release.RecordLabels(tt.rel), annotations)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := head.Summary()
		if ok != tt.want {
			t.Errorf("%s: the head tells: %v, want %v", name, ok, tt.want)
			continue
		}
		if diff := cmp.Diff(tt.rel.Summary(), got); ok && diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if len(full.Annotations) != 1 {
		t.Errorf("the annotations of the record were changed: %v", full.Annotations)
	}
	for _, damaged := range []string{"", "{", strings.Repeat(" ", 5000) + `{}`} {
		annotations := release.RecordAnnotations(bare)
		for key := range maps.Clone(annotations) {
			annotations[key] = damaged
		}
		if s, ok := (release.Head{Key: key, Revision: 3, Annotations: annotations}).Summary(); ok {
			t.Errorf("the annotation %.10q tells %+v", damaged, s)
		}
	}
}
