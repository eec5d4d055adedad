package kube

import (
	"context"
	"strings"
)

// discoverPlain reads the answer of a server that does not know aggregated
// discovery: a list of groups, each version of which is asked for by itself.
// A version that cannot be read is logged and left out.
func (c *Client) discoverPlain(ctx context.Context, root string, resp *response) (*apis, error) {
	var list struct {
		Versions []string `json:"versions"`
		Groups   []struct {
			Versions []struct {
				GroupVersion string `json:"groupVersion"`
			} `json:"versions"`
		} `json:"groups"`
	}
	if err := resp.decode(&list); err != nil {
		return nil, err
	}
	groupVersions := list.Versions
	for _, g := range list.Groups {
		for _, v := range g.Versions {
			groupVersions = append(groupVersions, v.GroupVersion)
		}
	}
	found := make([]*apis, len(groupVersions))
	err := c.each(ctx, len(groupVersions), func(ctx context.Context, i int) error {
		one, err := c.discoverVersion(ctx, root, groupVersions[i])
		if ctx.Err() != nil {
			return ended(ctx)
		}
		if err != nil {
			c.opts.Logger.Warn("an API group cannot be asked for its kinds", "group", groupVersions[i], "error", err)
			one = &apis{versions: []string{groupVersions[i]}, silent: map[string]bool{groupVersions[i]: true}}
		}
		found[i] = one
		return nil
	})
	if err != nil {
		return nil, err
	}
	all := newAPIs()
	for _, f := range found {
		all.merge(f)
	}
	return all, nil
}

func (c *Client) discoverVersion(ctx context.Context, root, groupVersion string) (*apis, error) {
	resp, err := c.get(ctx, root+"/"+groupVersion)
	if err != nil {
		return nil, err
	}
	var list struct {
		Resources []struct {
			Name       string `json:"name"`
			Kind       string `json:"kind"`
			Namespaced bool   `json:"namespaced"`
		} `json:"resources"`
	}
	if err := resp.decode(&list); err != nil {
		return nil, err
	}
	out := newAPIs()
	out.versions = append(out.versions, groupVersion)
	withStatus := map[string]bool{}
	for _, r := range list.Resources {
		if name, ok := strings.CutSuffix(r.Name, "/status"); ok {
			withStatus[name] = true
		}
	}
	for _, r := range list.Resources {
		out.versions = append(out.versions, groupVersion+"/"+r.Kind)
		if !strings.Contains(r.Name, "/") {
			out.add(api{
				groupVersion: groupVersion, resource: r.Name, kind: r.Kind, namespaced: r.Namespaced, status: withStatus[r.Name],
			})
		}
	}
	return out, nil
}
