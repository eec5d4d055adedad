package plugin

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/Masterminds/semver/v3"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// maxGitOutput bounds what git is listened to: a list of the tags of a
// repository.
const maxGitOutput = 32 << 20

// git runs the program git.
type git struct {
	proc Process
	// url is that of the repository, and access how it is reached if it is an
	// http one.
	url    string
	access repo.Access
}

// run runs git in a folder, or in none, and returns what it prints.
func (g git) run(ctx context.Context, dir string, args ...string) (string, error) {
	proc := g.proc
	proc.In, proc.Stop = nil, nil
	if dir != "" {
		proc.Dir = dir
	}
	var none Plugin
	env := none.environment(proc.Env)
	for _, name := range []string{"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "HELM_PLUGIN_NAME", "HELM_PLUGIN_DIR"} {
		delete(env, name)
	}
	g.authorize(env)
	// A server that sends next to nothing is given up, as others are.
	env.setDefault("GIT_HTTP_LOW_SPEED_LIMIT", "1000")
	env.setDefault("GIT_HTTP_LOW_SPEED_TIME", "120")
	out, problems := bounded.Buffer{Most: maxGitOutput}, bounded.Buffer{Most: maxProblems}
	cmd := newCmd(ctx, "git", args, env, proc)
	cmd.Stdout, cmd.Stderr = &out, &problems
	err := cmd.Run()
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("the program git is needed for that, and cannot be found: %w", err)
	case ctx.Err() != nil:
		return "", context.Cause(ctx)
	case err != nil:
		return "", fmt.Errorf("git %s: %w: %s", args[0], err, g.hide(printable(strings.TrimSpace(problems.String()))))
	case out.Over():
		return "", fmt.Errorf("git %s printed more than %d bytes", args[0], maxGitOutput)
	}
	return out.String(), nil
}

// hide takes what is secret in the URL out of what git says.
func (g git) hide(text string) string {
	u, err := url.Parse(g.url)
	if err != nil {
		return text
	}
	text = strings.ReplaceAll(text, g.url, withoutSecrets(g.url))
	secrets := slices.Concat(slices.Collect(maps.Values(u.Query()))...)
	if password, _ := u.User.Password(); password != "" {
		secrets = append(secrets, password)
	} else if _, web := webURL(g.url); web && u.User != nil {
		secrets = append(secrets, u.User.Username()) // a token
	}
	for _, secret := range secrets {
		if len(secret) > 2 {
			text = strings.ReplaceAll(text, secret, "xxxxx")
		}
	}
	return text
}

// gitHelper answers git when it asks for a user and a password.
const gitHelper = `!f() { test "$1" = get && echo "username=$PACK_GIT_USERNAME" && echo "password=$PACK_GIT_PASSWORD"; }; f`

// authorize tells git how the server is reached, and as whom: by its environment,
// which nobody else sees. The user and the password are for that server only.
func (g git) authorize(env environment) {
	u, ok := webURL(g.url)
	if !ok {
		return
	}
	a := g.access
	for name, value := range map[string]string{"GIT_SSL_CAINFO": a.CAFile, "GIT_SSL_CERT": a.CertFile, "GIT_SSL_KEY": a.KeyFile} {
		if value != "" {
			env[name] = value
		}
	}
	if a.InsecureSkipVerify {
		env["GIT_SSL_NO_VERIFY"] = "true"
	}
	if a.Username == "" || a.Password == "" {
		return
	}
	env["PACK_GIT_USERNAME"], env["PACK_GIT_PASSWORD"] = a.Username, a.Password
	n, _ := strconv.Atoi(env["GIT_CONFIG_COUNT"]) // 0 where there is none
	key := "credential." + u.Scheme + "://" + u.Host + ".helper"
	// An empty one takes those away that are configured.
	for i, value := range []string{"", gitHelper} {
		env["GIT_CONFIG_KEY_"+strconv.Itoa(n+i)] = key
		env["GIT_CONFIG_VALUE_"+strconv.Itoa(n+i)] = value
	}
	env["GIT_CONFIG_COUNT"] = strconv.Itoa(n + 2)
}

// clone makes a working copy of a repository at a version: a tag, a branch, a
// commit, or the highest tag that satisfies a constraint; empty is what the
// repository has by default.
func (g git) clone(ctx context.Context, version, into string) error {
	args := []string{"clone", "--quiet", "--recurse-submodules", "--shallow-submodules"}
	ref, named, err := g.solve(ctx, version)
	switch {
	case err != nil:
		return err
	case named:
		// Tags and branches need no history.
		args = append(args, "--depth=1", "--branch="+ref)
	case ref == "":
		args = append(args, "--depth=1")
	}
	if _, err := g.run(ctx, "", append(args, "--", g.url, into)...); err != nil {
		return err
	}
	if named || ref == "" {
		return nil
	}
	_, err = g.run(ctx, into, "checkout", "--quiet", "--detach", ref, "--")
	return err
}

// solve turns a version into a tag or a branch of a repository (named), or into
// what may be a commit.
func (g git) solve(ctx context.Context, version string) (ref string, named bool, err error) {
	if version == "" {
		return "", false, nil
	}
	if strings.HasPrefix(version, "-") {
		return "", false, fmt.Errorf("version %q begins with a dash", version)
	}
	out, err := g.run(ctx, "", "ls-remote", "--tags", "--heads", "--", g.url)
	if err != nil {
		return "", false, err
	}
	var tags, heads []string
	for line := range strings.Lines(out) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		name = strings.TrimSuffix(name, "^{}")
		if tag, ok := strings.CutPrefix(name, "refs/tags/"); ok {
			tags = append(tags, tag)
		} else if head, ok := strings.CutPrefix(name, "refs/heads/"); ok {
			heads = append(heads, head)
		}
	}
	if slices.Contains(tags, version) || slices.Contains(heads, version) {
		return version, true, nil
	}
	if isCommit(version) {
		return version, false, nil
	}
	ref, err = highestTag(tags, version)
	if ref == "" && err == nil {
		err = fmt.Errorf("requested version %q does not exist for plugin %q", version, withoutSecrets(g.url))
	}
	return ref, true, err
}

// isCommit says whether a text can be the name of a commit and is no version.
func isCommit(text string) bool {
	if len(text) < 7 || len(text) > 64 {
		return false
	}
	return strings.Trim(text, "0123456789abcdef") == ""
}

// highestTag is the tag of the highest version that satisfies a constraint;
// empty if there is none.
func highestTag(tags []string, version string) (string, error) {
	constraint, err := semver.NewConstraint(version)
	if err != nil {
		return "", err
	}
	var best *semver.Version
	for _, tag := range tags {
		v, err := semver.NewVersion(tag)
		if err == nil && constraint.Check(v) && (best == nil || v.GreaterThan(best)) {
			best = v
		}
	}
	if best == nil {
		return "", nil
	}
	return best.Original(), nil
}

// update brings a working copy to what its repository has by now. One that is at
// a tag or a commit stays there, as in Helm.
func (g git) update(ctx context.Context, dir string) error {
	changed, err := g.run(ctx, dir, "status", "--porcelain", "--untracked-files=no")
	if err != nil {
		return err
	}
	if strings.TrimSpace(changed) != "" {
		return errors.New("plugin repo was modified")
	}
	head, err := g.run(ctx, dir, "rev-parse", "--abbrev-ref", "HEAD")
	if err != nil || strings.TrimSpace(head) == "HEAD" {
		return err
	}
	if _, err := g.run(ctx, dir, "pull", "--quiet", "--ff-only", "--recurse-submodules"); err != nil {
		return err
	}
	_, err = g.run(ctx, dir, "submodule", "--quiet", "update", "--init", "--recursive")
	return err
}
