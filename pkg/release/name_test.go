package release_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/release"
)

func TestValidateName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "web", "web-2", "a.b", "1", "a--b", "a.b-c.d", strings.Repeat("a", 53)} {
		if err := release.ValidateName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", "A", "web_2", "-a", "a-", ".a", "a.", "a..b", "a.-b", "a b", "a/b", "ä", "a\n", strings.Repeat("a", 54),
	} {
		err := release.ValidateName(name)
		if !errors.Is(err, release.ErrInvalidName) {
			t.Errorf("%q: error %v, want ErrInvalidName", name, err)
		}
	}
}

// TestValidateNameText holds the texts to those of Helm 4.
func TestValidateNameText(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"": `release name "": no name provided`,
		"A": `release name "A": invalid release name, must match regex ` +
			`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$ and the length must not be longer than 53`,
	} {
		if got := release.ValidateName(name); got == nil || got.Error() != want {
			t.Errorf("%q: error %v, want %s", name, got, want)
		}
	}
}

func TestGenerateName(t *testing.T) {
	t.Parallel()
	for arg, want := range map[string]string{
		"./web":                     "web-1795231018",
		"./web/":                    "web-1795231018",
		"repo/web":                  "web-1795231018",
		"web-1.2.3.tgz":             "web-1-1795231018",
		"https://x.org/a/b-1.0.tgz": "b-1-1795231018",
		"oci://x.org/charts/web":    "web-1795231018",
		`C:\charts\web`:             "web-1795231018",
		".":                         "chart-1795231018",
		"./":                        "chart-1795231018",
		"":                          "chart-1795231018",
		"..":                        "-1795231018",
	} {
		if got := release.GenerateName(arg, time.Unix(1795231018, 999)); got != want {
			t.Errorf("GenerateName(%q) = %q, want %q", arg, got, want)
		}
	}
}

func TestValidateDescription(t *testing.T) {
	t.Parallel()
	for _, ok := range []string{"", "fine", strings.Repeat("é", 256)} {
		if err := release.ValidateDescription(ok); err != nil {
			t.Errorf("%d bytes: %v", len(ok), err)
		}
	}
	err := release.ValidateDescription(strings.Repeat("é", 257))
	if err == nil || err.Error() != "description must be 256 characters or less, got 257" {
		t.Errorf("error %v", err)
	}
}

func TestValidateLabels(t *testing.T) {
	t.Parallel()
	for _, labels := range []map[string]string{nil, {"team": "edge"}, {"Owner": "me"}} {
		if err := release.ValidateLabels(labels); err != nil {
			t.Errorf("%v: %v", labels, err)
		}
	}
	for _, key := range release.SystemLabels() {
		err := release.ValidateLabels(map[string]string{"team": "edge", key: "x"})
		const want = "user supplied labels contains system reserved label name. " +
			"System labels: [name owner status version createdAt modifiedAt]"
		if !errors.Is(err, release.ErrSystemLabel) || err.Error() != want {
			t.Errorf("%s: error %v, want %s", key, err, want)
		}
	}
}

func TestMergeLabels(t *testing.T) {
	t.Parallel()
	type labels = map[string]string
	for _, tt := range []struct{ last, changes, want labels }{
		{nil, nil, nil},
		{labels{"owner": "helm", "version": "3"}, nil, nil},
		{labels{"owner": "helm", "a": "1"}, nil, labels{"a": "1"}},
		{nil, labels{"a": "1"}, labels{"a": "1"}},
		{labels{"a": "1", "b": "2"}, labels{"b": "3", "c": "4"}, labels{"a": "1", "b": "3", "c": "4"}},
		{labels{"a": "1", "b": "2"}, labels{"a": "null", "z": "null"}, labels{"b": "2"}},
		{labels{"a": "1"}, labels{"a": "null"}, nil},
	} {
		t.Run(fmt.Sprint(tt.last, tt.changes), func(t *testing.T) {
			t.Parallel()
			last, changes := fmt.Sprint(tt.last), fmt.Sprint(tt.changes)
			if diff := cmp.Diff(tt.want, release.MergeLabels(tt.last, tt.changes)); diff != "" {
				t.Error(diff)
			}
			if last != fmt.Sprint(tt.last) || changes != fmt.Sprint(tt.changes) {
				t.Errorf("the arguments were changed: %v, %v", tt.last, tt.changes)
			}
		})
	}
}

func ExampleGenerateName() {
	fmt.Println(release.GenerateName("./charts/web", time.Unix(1795231018, 0)))
	// Output: web-1795231018
}

func ExampleMergeLabels() {
	fmt.Println(release.MergeLabels(
		map[string]string{"team": "edge", "tier": "front", "owner": "helm"},
		map[string]string{"tier": "null", "cost": "low"},
	))
	// Output: map[cost:low team:edge]
}
