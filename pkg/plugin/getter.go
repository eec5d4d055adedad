package plugin

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/seed-0d4f92cc/pack/internal/bounded"
	"github.com/seed-0d4f92cc/pack/pkg/repo"
)

// Getter is a repo.Getter over a TypeGetter: it runs the plugin's command for the
// scheme of a URL with the arguments "certFile keyFile caFile URL", and takes
// what that prints.
type Getter struct {
	plugin *Plugin
	proc   Process
}

var _ repo.Getter = (*Getter)(nil)

// Getter returns the getter that the plugin is. Process.Out is not used.
func (p *Plugin) Getter(proc Process) *Getter { return &Getter{plugin: p, proc: proc} }

// Get runs the plugin. Credentials are in its environment, if they belong to the
// scheme and host of the URL. Errors are *repo.Error.
func (g *Getter) Get(ctx context.Context, req repo.Request) (*repo.Response, error) {
	if req.MaxBytes <= 0 {
		req.MaxBytes = repo.DefaultMaxBytes
	}
	data, err := g.run(ctx, req)
	if err != nil {
		return nil, &repo.Error{Op: "fetch", URL: req.URL, Err: err}
	}
	return &repo.Response{Body: io.NopCloser(bytes.NewReader(data)), Size: int64(len(data)), URL: req.URL}, nil
}

func (g *Getter) run(ctx context.Context, req repo.Request) ([]byte, error) {
	p := g.plugin
	if err := p.Runnable(); err != nil {
		return nil, err
	}
	u, err := url.Parse(req.URL)
	if err != nil {
		// The error of url.Parse repeats the URL.
		return nil, errors.New("the URL cannot be parsed")
	}
	commands, err := p.forScheme(u.Scheme)
	if err != nil {
		return nil, err
	}
	access := req.Access
	if !access.PassAll && !belongs(req.Home, u) {
		access.Username, access.Password = "", ""
	}
	env := p.environment(g.proc.Env)
	env["HELM_PLUGIN_USERNAME"] = access.Username
	env["HELM_PLUGIN_PASSWORD"] = access.Password
	env["HELM_PLUGIN_PASS_CREDENTIALS_ALL"] = strconv.FormatBool(access.PassAll)
	program, args, err := prepare(commands, false, env)
	if err != nil {
		return nil, fmt.Errorf("failed to prepare commands for protocol %q: %w", u.Scheme, err)
	}
	args = append(args, access.CertFile, access.KeyFile, access.CAFile, req.URL)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	cmd := newCmd(ctx, filepath.Join(p.Dir, program), args, env, g.proc)
	out := endingBuffer{Buffer: bounded.Buffer{Most: req.MaxBytes}, end: cancel}
	cmd.Stdout = &out
	err = p.wait(ctx, cmd)
	if out.Over() {
		return nil, fmt.Errorf("plugin %q printed more than %d bytes", p.Name, req.MaxBytes)
	}
	if err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// endingBuffer ends a program that prints too much: it may never stop.
type endingBuffer struct {
	bounded.Buffer
	end func()
}

func (b *endingBuffer) Write(p []byte) (int, error) {
	n, err := b.Buffer.Write(p)
	if b.Over() {
		b.end()
	}
	return n, err
}

// forScheme are the commands that fetch what URLs of a scheme name.
func (p *Plugin) forScheme(scheme string) ([]Command, error) {
	for _, c := range p.ProtocolCommands {
		if slices.Contains(c.Protocols, scheme) {
			return c.Commands, nil
		}
	}
	return nil, fmt.Errorf("no downloader found for protocol %q", scheme)
}

// belongs says whether credentials for home may go where u points to.
func belongs(home string, u *url.URL) bool {
	if home == "" {
		return true
	}
	h, err := url.Parse(home)
	return err == nil && h.Scheme == u.Scheme && h.Host == u.Host
}
