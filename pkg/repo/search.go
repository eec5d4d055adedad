package repo

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/Masterminds/semver/v3"
)

// SearchQuery says what to look for in indexes. The zero value finds the highest
// stable version of every chart.
type SearchQuery struct {
	// Text stands in the name, in "repository/name", in the description or in
	// the keywords, in small or capital letters.
	Text string
	// Pattern is looked for instead of Text, unless it is nil. It is matched
	// with the four fields, a vertical tab between them.
	Pattern *regexp.Regexp
	// Constraint narrows the versions down; empty means the stable ones.
	Constraint string
	// Devel takes prereleases in too, where there is no Constraint.
	Devel bool
	// AllVersions finds every version; otherwise one of each chart.
	AllVersions bool
}

// SearchResult is a version that was found.
type SearchResult struct {
	// Name is "repository/name".
	Name        string
	Version     string
	AppVersion  string
	Description string
	// Score is the number of the field in which the match begins; lower is
	// better.
	Score int
}

// ranked is a result with what it is sorted by.
type ranked struct {
	SearchResult
	parsed *semver.Version
}

// stableVersion is the constraint that stands for none.
const stableVersion = ">0.0.0"

func (q SearchQuery) constraint() (*semver.Constraints, error) {
	text := q.Constraint
	switch {
	case text != "":
	case q.Devel:
		text = anyVersion
	default:
		text = stableVersion
	}
	c, err := semver.NewConstraint(text)
	if err != nil {
		return nil, fmt.Errorf("an invalid version/constraint format: %w", err)
	}
	return c, nil
}

// Search looks through the cached indexes of repositories. The order is that of
// Helm: by score, by name, the highest version first. Indexes that cannot be read
// are passed over; the cache's log is told of them.
func (c *IndexCache) Search(ctx context.Context, entries iter.Seq[Entry], q SearchQuery) ([]SearchResult, error) {
	check, err := q.constraint()
	if err != nil {
		return nil, err
	}
	var found []ranked
	for e := range entries {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		some, err := c.searchOne(e.Name, q, check)
		if err != nil {
			c.log().Warn("repo is corrupt or missing", "repo", e.Name, "error", err)
			continue
		}
		found = append(found, some...)
	}
	slices.SortStableFunc(found, func(x, y ranked) int {
		return cmp.Or(cmp.Compare(x.Score, y.Score), cmp.Compare(x.Name, y.Name), y.parsed.Compare(x.parsed))
	})
	out := make([]SearchResult, len(found))
	for i := range found {
		out[i] = found[i].SearchResult
	}
	return out, nil
}

func (c *IndexCache) searchOne(name string, q SearchQuery, check *semver.Constraints) ([]ranked, error) {
	index, err := c.Open(name)
	if err != nil {
		return nil, err
	}
	var found []ranked
	err = index.do(func(f *indexFiles) error {
		s := newSearch(name, q, check)
		err := f.scan(s.group)
		found = s.found
		return err
	})
	return found, errors.Join(err, index.Close())
}

// search is a search of one index.
type search struct {
	query      SearchQuery
	repository string
	text       []byte
	check      *semver.Constraints
	found      []ranked

	// What is kept from one chart to the next saves memory.
	rows []rowView
	line []byte
}

func newSearch(repository string, q SearchQuery, check *semver.Constraints) *search {
	return &search{query: q, repository: repository, text: []byte(strings.ToLower(q.Text)), check: check}
}

// group looks through a chart.
func (s *search) group(g *group) error {
	s.rows = s.rows[:0]
	for range g.count {
		if !g.rows.next() {
			return g.rows.err
		}
		s.rows = append(s.rows, g.rows.row)
	}
	name := path.Join(s.repository, g.name)
	score, best := 0, -1
	for i := range s.rows {
		row := &s.rows[i]
		if i == 0 || !row.sameWords(&s.rows[i-1]) {
			score = s.score(row)
		}
		if score < 0 || best >= 0 && score >= best {
			continue
		}
		v := s.wanted(i)
		if v == nil {
			continue
		}
		r := ranked{parsed: v, SearchResult: SearchResult{
			Name: name, Version: string(row.version), AppVersion: string(row.appVersion),
			Description: string(row.description), Score: score,
		}}
		switch {
		case s.query.AllVersions:
			s.found = append(s.found, r)
		case best >= 0:
			best, s.found[len(s.found)-1] = score, r
		default:
			best, s.found = score, append(s.found, r)
		}
	}
	return nil
}

// wanted returns the version of a row if it satisfies the constraint. Of versions
// that are the same text the last one counts, as in Helm: they are neighbours, or
// what is between is as high.
func (s *search) wanted(i int) *semver.Version {
	text := s.rows[i].version
	v, err := semver.NewVersion(string(text))
	if err != nil || !s.check.Check(v) {
		return nil
	}
	for _, next := range s.rows[i+1:] {
		if bytes.Equal(next.version, text) {
			return nil
		}
		if other, err := semver.NewVersion(string(next.version)); err != nil || !other.Equal(v) {
			break
		}
	}
	return v
}

// score says in which field of a version the match begins, below 0 that there is
// none.
func (s *search) score(row *rowView) int {
	const separator = '\v'
	if s.query.Pattern == nil && len(s.text) == 0 {
		return 0
	}
	line := append(append(s.line[:0], row.name...), separator)
	line = append(append(append(append(line, s.repository...), '/'), row.name...), separator)
	line = append(append(append(line, row.description...), separator), row.keywords...)
	s.line = line
	at := -1
	if s.query.Pattern == nil {
		line = lower(line)
		at = bytes.Index(line, s.text)
	} else if where := s.query.Pattern.FindIndex(line); where != nil {
		at = where[0]
	}
	if at < 0 {
		return -1
	}
	// More than 24 are no match in Helm, which takes a description of many such
	// characters.
	if n := bytes.Count(line[:at], []byte{separator}); n < 25 {
		return n
	}
	return -1
}

// lower is strings.ToLower, in place where that can be.
func lower(text []byte) []byte {
	for i, b := range text {
		switch {
		case b >= utf8.RuneSelf:
			return bytes.ToLower(text)
		case 'A' <= b && b <= 'Z':
			text[i] = b + ('a' - 'A')
		}
	}
	return text
}
