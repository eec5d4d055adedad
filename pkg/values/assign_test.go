package values_test

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

func TestAssignFaults(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		style  values.Style
		expr   string
		offset int
		msg    string
	}{
		{values.Typed, "a", 0, `key "a" has no value`},
		{values.Typed, "a=1,b", 4, `key "b" has no value`},
		{values.Typed, "a=1,b.c", 6, `key "c" has no value`},
		{values.Typed, "é=1,b,", 5, `key "b" has no value (cannot end with ,)`},
		{values.Typed, "a=1,,", 4, `key "" has no value (cannot end with ,)`},
		{values.Typed, "x=1,a.=1", 4, `key map "a" has no value`},
		{values.Typed, "a=1,b={x,y", 6, `list must terminate with '}'`},
		{values.Typed, "a=1,b[x]=1", 6, `error parsing index: strconv.Atoi: parsing "x": invalid syntax`},
		{values.Typed, "b[0][-2]=1", 5, `negative -2 index not allowed`},
		{values.Typed, "b[0]xy=1", 4, `unexpected data at end of array index: ['x' 'y']`},
		{values.Typed, "b[65537]=1", 2, `index of 65537 is greater than maximum supported index of 65536`},
		{values.Typed, "a=1,a.b=2", 4, `unable to parse key: key "a" is a number, not a map`},
		{values.Typed, "a=x,a.b=2", 4, `unable to parse key: key "a" is a string, not a map`},
		{values.Typed, "a=true,a[0]=2", 7, `unable to parse key: key "a" is a boolean, not a list`},
		{values.Typed, "a=null,a[0]=2", 7, `unable to parse key: key "a" is null, not a list`},
		{values.Typed, "a={x},a.b=2", 6, `unable to parse key: key "a" is a list, not a map`},
		{values.Typed, "a[0].b=1,a[0][0]=2", 11, `unable to parse key: index 0 is a map, not a list`},
		{values.Typed, strings.Repeat("a.", 31) + "a=1", 62, `value name nested level is greater than maximum supported nested level of 30`},
		{values.JSON, "a=1,b=[1,]", 10, `not a JSON value: invalid character ']' looking for beginning of value`},
		{values.JSON, "a=[1", 4, `not a JSON value: unexpected EOF`},
		{values.JSON, ` {"a":x}`, 7, `not a JSON object: invalid character 'x' looking for beginning of value`},
		{values.JSON, `{"a":1} b`, 9, `not a JSON object: invalid character 'b' after top-level value`},
		{values.Literal, "a,b", 0, `key "a,b" has no value`},
	} {
		t.Run(test.expr, func(t *testing.T) {
			t.Parallel()
			err := values.Assign(values.Map{}, test.expr, test.style, nil)
			syntax, ok := errors.AsType[*values.SyntaxError](err)
			if !ok {
				t.Fatalf("error %v is no syntax error", err)
			}
			want := &values.SyntaxError{Expr: test.expr, Offset: test.offset, Msg: test.msg}
			if diff := cmp.Diff(want, syntax); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestAssignFaultLeavesTree(t *testing.T) {
	t.Parallel()
	dst := values.Map{"a": 1.0}
	if err := values.Assign(dst, "a=2,b=3,c", values.Typed, nil); err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(values.Map{"a": 1.0}, dst); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestAssignBytes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		style values.Style
		expr  string
		want  values.Map
	}{
		{values.Typed, "a\xff=\xfe\xffx", values.Map{"a\ufffd": "\ufffd\ufffdx"}},
		{values.Literal, "a\xff=\xfe", values.Map{"a\ufffd": "\ufffd"}},
		{values.Typed, "a=\\\xff", values.Map{"a": "\ufffd"}},
		{values.Typed, "a\\é=\\日,b=\x00", values.Map{"aé": "日", "b": "\x00"}},
		{values.File, "a=bin", values.Map{"a": "\xff\x00\n"}},
	} {
		got := values.Map{}
		err := values.Assign(got, test.expr, test.style, func(string) ([]byte, error) { return []byte("\xff\x00\n"), nil })
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%q: error %v (-want +got)\n%s", test.expr, err, diff)
		}
	}
}

func TestAssignRead(t *testing.T) {
	t.Parallel()
	err := values.Assign(values.Map{}, "a={x,y}", values.File, func(name string) ([]byte, error) {
		if name == "y" {
			return nil, fs.ErrPermission
		}
		return nil, nil
	})
	if !errors.Is(err, fs.ErrPermission) {
		t.Errorf("error %v is not that of read", err)
	}
	if err := values.Assign(values.Map{}, "a=x", values.File, nil); err == nil {
		t.Error("a file was read without a function to read it")
	}
	if err := values.Assign(values.Map{}, "a=x", values.Style(7), nil); err == nil {
		t.Error("a style that does not exist was accepted")
	}
}

func TestAssignLimits(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 2000) + strings.Repeat("]", 2000)
	var wide strings.Builder
	for i := range 20 {
		wide.WriteString(strings.Repeat("x", i) + "k[65536]=1,")
	}
	for _, test := range []struct {
		name  string
		style values.Style
		expr  string
		msg   string
	}{
		{"many high indexes", values.Typed, wide.String(), "indexes leave more than 1048576 list elements without a value"},
		{"nested high indexes", values.Typed, "a" + strings.Repeat("[65536]", 20) + "=1", "indexes leave more than 1048576 list elements without a value"},
		{"nested indexes", values.Typed, "a" + strings.Repeat("[0]", 100000) + "=1", "more than 1000 keys and indexes"},
		{"nested indexes and keys", values.Typed, strings.Repeat("a[0].", 100000) + "a=1", "more than 1000 keys and indexes"},
		{"deep JSON", values.JSON, "a=" + deep, "yaml: input is nested too deeply: more than 1000 levels"},
		{"deep JSON object", values.JSON, `{"a":` + deep + "}", "yaml: input is nested too deeply: more than 1000 levels"},
		{"very deep JSON", values.JSON, "a=" + strings.Repeat("[", 1000000), "not a JSON value: invalid character '[' exceeded max depth"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := values.Assign(values.Map{}, test.expr, test.style, nil)
			if _, ok := errors.AsType[*values.SyntaxError](err); !ok || err.Error() != test.msg {
				t.Errorf("error %v, want %s", err, test.msg)
			}
		})
	}
	t.Run("long messages", func(t *testing.T) {
		t.Parallel()
		for _, expr := range []string{"", "a[0]", "a["} {
			expr += strings.Repeat("x", 1<<20) + "]"
			err := values.Assign(values.Map{}, expr, values.Typed, nil)
			if err == nil || len(err.Error()) > 2000 {
				t.Errorf("%.10s…: error %.100v", expr, err)
			}
		}
	})
	t.Run("within the limits", func(t *testing.T) {
		t.Parallel()
		dst := values.Map{}
		if err := values.Assign(dst, "a[65536].b[65536]=1,c"+strings.Repeat("[0]", 900)+"=1", values.Typed, nil); err != nil {
			t.Fatal(err)
		}
		list, _ := dst["a"].([]any)
		if len(list) != 65537 || list[0] != nil || size(dst) < 2*65537 {
			t.Errorf("%d elements, %d values", len(list), size(dst))
		}
	})
}

func TestStyleString(t *testing.T) {
	t.Parallel()
	var got []string
	for style := range values.Literal + 2 {
		got = append(got, style.String())
	}
	want := []string{"set", "set-string", "set-json", "set-file", "set-literal", "unknown"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
