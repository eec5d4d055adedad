package repo

import (
	"errors"
	"net/url"
	"strings"
)

// ResolveURL returns the URL of a chart that an index names: an absolute one as
// it is, a relative one below the URL of the repository, with the query of that.
func ResolveURL(repoURL, chartURL string) (string, error) {
	ref, err := url.Parse(chartURL)
	if err != nil {
		return "", errors.New("the URL of the chart cannot be parsed")
	}
	if ref.IsAbs() {
		return chartURL, nil
	}
	base, err := url.Parse(repoURL)
	if err != nil {
		return "", errors.New("the URL of the repository cannot be parsed")
	}
	if base.RawPath != "" {
		base.RawPath = strings.TrimSuffix(base.RawPath, "/") + "/"
	}
	base.Path = strings.TrimSuffix(base.Path, "/") + "/"
	out := base.ResolveReference(ref)
	out.RawQuery = base.RawQuery
	return out.String(), nil
}
