package yamlio_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/internal/yamlio"
)

func TestDocuments(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want []string
		err  string
	}{
		{data: "", want: []string{}},
		{data: "a: 1", want: []string{"a: 1\n"}},
		{data: "a: 1\n---\nb: 2\n", want: []string{"a: 1\n", "b: 2\n"}},
		{data: "a: 1\r\n---\r\nb: 2", want: []string{"a: 1\r\n", "b: 2\n"}},
		{data: "---\na: 1\n---\n---\nb: 2", want: []string{"---\na: 1\n", "---\nb: 2\n"}},
		{data: "---", want: []string{"---\n"}},
		{data: "a: 1\n---", want: []string{"a: 1\n"}},
		{data: "a: 1\n--- # why\nb: 2", want: []string{"a: 1\n", "b: 2\n"}},
		{data: "a: 1\n---\t \u00a0\nb: 2", want: []string{"a: 1\n", "b: 2\n"}},
		{data: "a: |\n  ---\n ---\n", want: []string{"a: |\n  ---\n ---\n"}},
		{data: "# x\n\n---\n# y\n", want: []string{"# x\n\n", "# y\n"}},
		{data: "a: 1\n...\n---\nb: 2\n", want: []string{"a: 1\n...\n", "b: 2\n"}},
		{data: "a: 1\n---b\n", err: "invalid Yaml document separator: b"},
		{data: "a: 1\n----\n", err: "invalid Yaml document separator: -"},
		{data: "--- {a: 1}\n", err: "invalid Yaml document separator: {a: 1}"},
	} {
		docs, err := yamlio.Documents([]byte(test.data))
		if test.err != "" {
			if err == nil || err.Error() != test.err {
				t.Errorf("%q: error %v, want %s", test.data, err, test.err)
			}
			continue
		}
		got := []string{}
		for _, doc := range docs {
			got = append(got, string(doc))
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%q: error %v (-want +got)\n%s", test.data, err, diff)
		}
	}
}

func TestDocumentsLeaveData(t *testing.T) {
	t.Parallel()
	data := []byte("a: 1\n---\nb: 2\nrest")
	if _, err := yamlio.Documents(data[:13]); err != nil {
		t.Fatal(err)
	}
	if got := string(data); got != "a: 1\n---\nb: 2\nrest" {
		t.Errorf("what follows the data was overwritten: %q", got)
	}
}

func TestDecodeMap(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		data string
		want map[string]any
		err  string
	}{
		{data: "", want: map[string]any{}},
		{data: "# nothing\n---\n# more of it\n", want: map[string]any{}},
		{
			data: "a: {b: 1}\nl: [1]\n---\na: {c: 2}\nl: [2]\n---\na: {b: null}\n",
			want: map[string]any{"a": map[string]any{"b": nil, "c": 2.0}, "l": []any{2.0}},
		},
		{data: "a: {b: 1}\n---\na: x\n---\na: {c: 1}", want: map[string]any{"a": map[string]any{"c": 1.0}}},
		{data: "y: on\n", want: map[string]any{"true": true}},
		{data: "a: |\n  x", want: map[string]any{"a": "x\n"}},
		{
			data: "a: 1\n---\n- x\n",
			err: "cannot unmarshal yaml document: error unmarshaling JSON: while decoding JSON: json: " +
				"cannot unmarshal array into Go value of type map[string]interface {}",
		},
		{
			data: "a: 1\n---\nb: 1\nc: [1\n",
			err:  "cannot unmarshal yaml document: error converting YAML to JSON: yaml: line 4: did not find expected ',' or ']'",
		},
		{
			data: "~: 1",
			err: "cannot unmarshal yaml document: error converting YAML to JSON: " +
				"unsupported map key of type: %!s(<nil>), key: <nil>, value: 1",
		},
	} {
		got, err := yamlio.DecodeMap([]byte(test.data))
		if test.err != "" {
			if err == nil || err.Error() != test.err {
				t.Errorf("%q: error %v, want %s", test.data, err, test.err)
			}
			continue
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%q: error %v (-want +got)\n%s", test.data, err, diff)
		}
	}
}

func TestUnmarshalStruct(t *testing.T) {
	t.Parallel()
	type target struct {
		Name  string            `json:"name"`
		Extra map[string]string `json:"extra"`
	}
	var got target
	err := yamlio.Unmarshal([]byte("name: 1.10\nextra: {a: on, b: 2}\nunknown: [x]\n---\nname: second\n"), &got)
	want := target{Name: "1.1", Extra: map[string]string{"a": "true", "b": "2"}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
	if err := yamlio.Unmarshal([]byte("name: {a: 1}"), &got); err == nil {
		t.Error("a map was read as a string")
	}
}

func TestMarshal(t *testing.T) {
	t.Parallel()
	got, err := yamlio.Marshal(map[string]any{
		"b": []any{1.0, map[string]any{"y": "on", "x": nil}}, "a": 1000000.0, "c": 1.5e9, "d": "007", "e": map[string]any{},
	})
	want := "a: 1000000\nb:\n- 1\n- x: null\n  \"y\": \"on\"\nc: 1500000000\nd: \"007\"\ne: {}\n"
	if diff := cmp.Diff(want, string(got)); err != nil || diff != "" {
		t.Errorf("error %v (-want +got)\n%s", err, diff)
	}
	if _, err := yamlio.Marshal(func() {}); err == nil {
		t.Error("a function was printed")
	}
}

// panics is a target whose own code fails.
type panics struct{}

func (*panics) UnmarshalJSON([]byte) error  { panic("on reading") }
func (panics) MarshalJSON() ([]byte, error) { panic("on writing") }

func TestPanicsAreErrors(t *testing.T) {
	t.Parallel()
	if err := yamlio.Unmarshal([]byte("a: 1"), &panics{}); err == nil || !strings.Contains(err.Error(), "on reading") {
		t.Errorf("error %v", err)
	}
	if _, err := yamlio.Marshal(panics{}); err == nil || !strings.Contains(err.Error(), "on writing") {
		t.Errorf("error %v", err)
	}
}

func TestCheckDepth(t *testing.T) {
	t.Parallel()
	var tree any = "leaf"
	for range yamlio.MaxDepth / 2 {
		tree = map[string]any{"a": []any{tree}}
	}
	if err := yamlio.CheckDepth(tree); err != nil {
		t.Error(err)
	}
	if err := yamlio.CheckDepth([]any{tree}); !errors.Is(err, yamlio.ErrTooDeep) {
		t.Errorf("error %v", err)
	}
}
