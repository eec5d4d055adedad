package lint

import (
	_ "embed" // for deprecated.txt
	"fmt"
	"strconv"
	"strings"

	"github.com/seed-0d4f92cc/pack/pkg/render"
)

// deprecatedAPIs has a line for each kind of a deprecated API: apiVersion, kind,
// the release of Kubernetes that deprecated it, the one that does not serve it
// any more ("-" where there is none yet), and apiVersion and kind of what takes
// its place, if there is such. The test of this file makes it from the sources
// of k8s.io/api.
//
//go:embed deprecated.txt
var deprecatedAPIs string

// deprecation is the notice about the API of an object. Charts have many objects
// of few kinds.
func (l *linter) deprecation(apiVersion, kind string) string {
	key := apiVersion + " " + kind
	notice, known := l.notices[key]
	if !known {
		notice = deprecation(apiVersion, kind, l.caps.KubeVersion)
		l.notices[key] = notice
	}
	return notice
}

// deprecation is the notice about the API of an object, in the words of
// Kubernetes; empty where it is not deprecated in a version.
func deprecation(apiVersion, kind string, in render.KubeVersion) string {
	if apiVersion == "" || kind == "" {
		return ""
	}
	for line := range strings.Lines(deprecatedAPIs) {
		rest, ok := strings.CutPrefix(line, apiVersion+" "+kind+" ")
		if !ok {
			continue
		}
		fields := strings.Fields(rest)
		if !reached(in, fields[0]) {
			return ""
		}
		notice := fmt.Sprintf("%s %s is deprecated in v%s+", apiVersion, kind, fields[0])
		if removed := fields[1]; removed != "-" {
			notice += fmt.Sprintf(", unavailable in v%s+", removed)
		}
		if len(fields) > 2 {
			notice += "; use " + strings.Join(fields[2:], " ")
		}
		return notice
	}
	return ""
}

// reached says whether a version is at or past a release ("1.22").
func reached(v render.KubeVersion, release string) bool {
	wantMajor, wantMinor, _ := strings.Cut(release, ".")
	major, minor := number(v.Major), number(v.Minor)
	if major != number(wantMajor) {
		return major > number(wantMajor)
	}
	return minor >= number(wantMinor)
}

// number reads the digits at the start of text: servers report minors such as
// "27+".
func number(text string) int {
	end := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' })
	if end < 0 {
		end = len(text)
	}
	n, err := strconv.Atoi(text[:end])
	if err != nil {
		return 0
	}
	return n
}
