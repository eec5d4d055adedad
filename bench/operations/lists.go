//go:build unix

package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/seed-0d4f92cc/pack/pkg/kube"
	"github.com/seed-0d4f92cc/pack/pkg/release"
	"github.com/seed-0d4f92cc/pack/pkg/release/releasetest"
)

// perNamespace is how many releases a namespace has.
const perNamespace = 100

// longHistory is how many revisions the releases of "history" have.
const longHistory = 100

// lists measures what reads many records.
func (b *bench) lists(ctx context.Context) error {
	fmt.Fprintf(b.progress, "writing %d records\n", b.releases*b.revisions+2*longHistory)
	if err := b.fill(ctx); err != nil {
		return err
	}
	list := operation{fmt.Sprintf("list -A of %d releases", b.releases), []string{"list", "-A", "--max", "0"}}
	if err := b.inTurn(ctx, list); err != nil {
		return err
	}
	if err := b.upgradeOften(ctx); err != nil {
		return err
	}
	for _, op := range []operation{
		{fmt.Sprintf("history of %d revisions", longHistory), []string{"history", "web", "--max", "1000"}},
		{"history of as many small ones", []string{"history", "small", "--max", "1000"}},
	} {
		if err := b.inTurn(ctx, op); err != nil {
			return err
		}
	}
	return nil
}

// inTurn measures an operation that changes nothing.
func (b *bench) inTurn(ctx context.Context, op operation) error {
	b.order = append(b.order, op.name)
	for i := range b.runs + 1 {
		for _, program := range b.programs(i) {
			fmt.Fprintf(b.progress, "%s, round %d of %d: %s\n", op.name, i, b.runs, filepath.Base(program))
			if err := b.once(ctx, program, "lists-0", op, i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

// upgradeOften makes a history of the release with 100 + 100 objects.
func (b *bench) upgradeOften(ctx context.Context) error {
	for range longHistory {
		cmd := b.command(ctx, b.pack, "lists-0", b.cluster.Kubeconfig(),
			"upgrade", "web", filepath.Join(b.dir, "large"), "--install", "--history-max", "0")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("making a history: %w\n%s", err, out)
		}
	}
	return nil
}

// fill writes records as Helm does: without what pack notes beside them.
func (b *bench) fill(ctx context.Context) error {
	cfg, err := kube.LoadConfig(kube.ConfigOptions{Path: b.cluster.Kubeconfig()})
	if err != nil {
		return err
	}
	client, err := kube.New(cfg.REST, kube.Options{})
	if err != nil {
		return err
	}
	defer client.Close()
	store := kube.NewSecretStore(client)
	for i := range (b.releases + perNamespace - 1) / perNamespace {
		if err := b.makeNamespace(ctx, fmt.Sprintf("lists-%d", i)); err != nil {
			return err
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(16)
	write := func(key release.Key, revision, newest int) {
		group.Go(func() error {
			status := release.StatusSuperseded
			if revision == newest {
				status = release.StatusDeployed
			}
			rel := releasetest.NewRelease(key, revision, status)
			rel.Manifest = strings.Repeat(rel.Manifest, 20)
			return store.Create(ctx, rel)
		})
	}
	for i := range b.releases {
		key := release.Key{Namespace: fmt.Sprintf("lists-%d", i/perNamespace), Name: fmt.Sprintf("web-%d", i)}
		for revision := 1; revision <= b.revisions; revision++ {
			write(key, revision, b.revisions)
		}
	}
	for revision := 1; revision <= longHistory; revision++ {
		write(release.Key{Namespace: "lists-0", Name: "small"}, revision, longHistory)
	}
	return group.Wait()
}
