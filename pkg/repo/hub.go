package repo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"path"
)

// hubPath is where a hub has its search, as Monocular had it.
const hubPath = "api/chartsvc/v1/charts/search"

// maxHubBytes bounds the answer of a hub.
const maxHubBytes = 32 << 20

// HubChart is a chart that a hub knows.
type HubChart struct {
	// URL is the page of the chart.
	URL         string        `json:"url"`
	Version     string        `json:"version"`
	AppVersion  string        `json:"app_version"`
	Description string        `json:"description"`
	Repository  HubRepository `json:"repository"`
}

// HubRepository is where a chart lies that a hub knows.
type HubRepository struct {
	URL  string `json:"url"`
	Name string `json:"name"`
}

// hubAnswer is what the search of a hub answers.
type hubAnswer struct {
	Data []struct {
		ID          string `json:"id"`
		ArtifactHub struct {
			PackageURL string `json:"packageUrl"`
		} `json:"artifactHub"`
		Attributes struct {
			Description string        `json:"description"`
			Repo        HubRepository `json:"repo"`
		} `json:"attributes"`
		Relationships struct {
			LatestChartVersion struct {
				Data struct {
					Version    string `json:"version"`
					AppVersion string `json:"app_version"`
				} `json:"data"`
			} `json:"latestChartVersion"`
		} `json:"relationships"`
	} `json:"data"`
}

// SearchHub asks the hub at a URL, such as https://hub.helm.sh, for the charts
// that a keyword or a query finds.
func SearchHub(ctx context.Context, getter Getter, endpoint, query string) ([]HubChart, error) {
	at, err := hubURL(endpoint, query)
	if err != nil {
		return nil, fmt.Errorf("unable to create connection to %q: %w", Redact(endpoint), err)
	}
	data, err := ReadAll(ctx, getter, Request{URL: at, Accept: "application/json", Compressed: true, MaxBytes: maxHubBytes})
	var answer hubAnswer
	if err == nil {
		err = json.Unmarshal(data, &answer)
	}
	if err != nil {
		return nil, fmt.Errorf("unable to perform search against %q: %w", Redact(endpoint), err)
	}
	charts := make([]HubChart, 0, len(answer.Data))
	for _, found := range answer.Data {
		latest := found.Relationships.LatestChartVersion.Data
		c := HubChart{
			URL: found.ArtifactHub.PackageURL, Version: latest.Version, AppVersion: latest.AppVersion,
			Description: found.Attributes.Description, Repository: found.Attributes.Repo,
		}
		if c.URL == "" {
			// Monocular's own pages.
			c.URL = endpoint + "/charts/" + found.ID
		}
		charts = append(charts, c)
	}
	return charts, nil
}

func hubURL(endpoint, query string) (string, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return "", errors.New("the URL cannot be parsed")
	}
	if u.Hostname() == "" {
		return "", errors.New("no hostname provided")
	}
	u.Path = path.Join(u.Path, hubPath)
	u.RawQuery = "q=" + url.QueryEscape(query)
	return u.String(), nil
}
