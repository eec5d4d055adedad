package cli

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestTable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		table table
		want  string
	}{
		{name: "nothing", want: ""},
		{
			name:  "cells are padded, the last ones too",
			table: table{rows: [][]string{{"NAME", "URL"}, {"loc", "http://example.com"}}},
			want:  "NAME\tURL               \nloc \thttp://example.com\n",
		},
		{
			name:  "wide characters take two places",
			table: table{rows: [][]string{{"é日"}, {"abcd"}}},
			want:  "é日 \nabcd\n",
		},
		{
			name:  "long cells are cut",
			table: table{maxWidth: 6, rows: [][]string{{"abcdef", "abcdefg", "日日日日"}}},
			want:  "abcdef\tabc...\t日日...\n",
		},
		{
			name:  "a column too narrow for dots",
			table: table{maxWidth: 2, rows: [][]string{{"abc"}}},
			want:  "a...\n",
		},
		{
			name:  "cells of several lines are cut as one text",
			table: table{rows: [][]string{{"A", "B"}, {"1", "one line\nanother line of it\nthird"}, {"2", "x\ty\nz"}}},
			want:  "A\tB                 \n1\tone line          \n \tanother...        \n2\tx\ty                \n \tz                 \n",
		},
		{
			name: "colours do not count",
			table: table{
				rows:  [][]string{{"A"}, {"abc"}},
				paint: func(row, _ int, cell string) string { return "<" + cell + ">" },
			},
			want: "<A  >\n<abc>\n",
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			var b bytes.Buffer
			if err := tc.table.write(&b); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, b.String()); diff != "" {
				t.Errorf("output (-want +got):\n%s", diff)
			}
		})
	}
}
