package values_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/seed-0d4f92cc/pack/pkg/values"
)

// printSet writes a tree as an expression for --set. A comma ends each
// assignment, because Helm's grammar loses an empty value at the very end.
func printSet(path string, value any) string {
	switch value := value.(type) {
	case map[string]any:
		var out strings.Builder
		for _, key := range slices.Sorted(maps.Keys(value)) {
			dot := ""
			if path != "" {
				dot = "."
			}
			out.WriteString(printSet(path+dot+escape(key, `\.[=,`), value[key]))
		}
		return out.String()
	case []any:
		var out strings.Builder
		for i, element := range value {
			out.WriteString(printSet(path+"["+strconv.Itoa(i)+"]", element))
		}
		return out.String()
	case nil:
		return path + "=null,"
	default:
		return path + "=" + escape(fmt.Sprint(value), `\,{`) + ","
	}
}

func escape(text, special string) string {
	var out strings.Builder
	for _, r := range text {
		if strings.ContainsRune(special, r) {
			out.WriteByte('\\')
		}
		out.WriteRune(r)
	}
	return out.String()
}

func TestAssignReadsWhatWasPrinted(t *testing.T) {
	t.Parallel()
	for seed := range uint64(2000) {
		g := newTrees(seed)
		g.full = true
		want := g.table(6)
		expr := printSet("", want)
		got := values.Map{}
		err := values.Assign(got, expr, values.Typed, nil)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("seed %d: %q: error %v (-want +got)\n%s", seed, expr, err, diff)
		}
		again := values.Clone(got)
		err = values.Assign(again, expr, values.Typed, nil)
		if diff := cmp.Diff(want, again); err != nil || diff != "" {
			t.Errorf("seed %d: %q again: error %v (-want +got)\n%s", seed, expr, err, diff)
		}
	}
}
