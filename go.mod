module github.com/seed-0d4f92cc/pack

go 1.26.0
