package chart

import (
	"reflect"
	"testing"
)

// metadataSources are Chart.yaml files, of the usual kind and of others. taken says
// which.
var metadataSources = []struct {
	source string
	taken  bool
}{
	{"", true},
	{"name: a\nversion: 1.0.0\napiVersion: v2\n", true},
	{"name: a\nversion: 1.0\n", false},
	{"name: a\nversion: 1\n", false},
	{"name: null\n", false},
	{"Name: a\n", false},
	{"NAME: a\nname: b\n", false},
	{"other: {a: 1}\nname: a\n", true},
	{"name: [a]\n", false},
	{"deprecated: true\n", true},
	{"deprecated: \"true\"\n", false},
	{"deprecated: yes\n", true},
	{"tags: a\nhome: h\nicon: i\ncondition: c.d\ntype: library\ndescription: |\n  two\n  lines\nappVersion: \"1\"\nkubeVersion: '>1'\n", true},
	{"sources: [a, b]\nkeywords: []\n", true},
	{"sources: a\n", false},
	{"keywords: [1]\n", false},
	{"keywords:\n", false},
	{"annotations: {a: b, c: \"1\"}\n", true},
	{"annotations: {}\n", true},
	{"annotations: {a: 1}\n", false},
	{"annotations: {a: null}\n", false},
	{"annotations: {Name: b}\n", true},
	{"maintainers:\n- name: a\n  email: b\n  url: c\n- {}\n", true},
	{"maintainers:\n- name: a\n  twitter: b\n", true},
	{"maintainers:\n- Name: a\n", false},
	{"maintainers:\n- null\n", false},
	{"maintainers: {}\n", false},
	{"dependencies:\n- name: a\n  version: \">1\"\n  repository: https://x\n  condition: a.b\n  alias: c\n  tags: [x, z]\n", true},
	{"dependencies:\n- name: a\n  version: 1.0\n", false},
	{"dependencies:\n- name: a\n  enabled: true\n", false},
	{"dependencies:\n- name: a\n  import-values:\n  - data\n  - child: a\n    parent: b\n  - 1\n", true},
	{"dependencies:\n- name: a\n  import-values: data\n", false},
	{"dependencies: []\n", true},
	{"dependencies:\n- a\n", false},
	{"name: a\nname: b\n", true},
	{"name: &a x\nversion: *a\n", true},
	{"- a\n", false},
	{"a: [\n", false},
}

func TestPlainMetadata(t *testing.T) {
	t.Parallel()
	for _, tt := range metadataSources {
		if taken := comparePlain(t, []byte(tt.source)); taken != tt.taken {
			t.Errorf("%q: taken %v", tt.source, taken)
		}
	}
}

func FuzzPlainMetadata(f *testing.F) {
	for _, tt := range metadataSources {
		f.Add([]byte(tt.source))
	}
	f.Fuzz(func(t *testing.T, data []byte) { comparePlain(t, data) })
}

// comparePlain holds what plainMetadata reads against what encoding/json does.
func comparePlain(t *testing.T, data []byte) (taken bool) {
	t.Helper()
	var got, want Metadata
	if !plainMetadata(data, &got) {
		if !reflect.DeepEqual(got, Metadata{}) {
			t.Errorf("%q is not taken, and leaves %+v", data, got)
		}
		return false
	}
	if err := decode(File{Name: metadataFile, Data: data}, &want); err != nil {
		t.Errorf("%q is taken; want %v", data, err)
		return true
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%q:\ngot  %+v\nwant %+v", data, got, want)
	}
	return true
}
