# Everything a newcomer needs; `make help` lists it.
PYTHON ?= python3
PY = .venv/bin/python
CLIENTES ?= 5000
MESES ?= 14
SEED ?= 1
ARGS ?=
PROCESSOS ?= 2
ARQUIVO ?= copia.dump

.DEFAULT_GOAL := help
.PHONY: help run test lint bench demo restaurar caos fixar limpar pacotes pacotes-dev

help: ## Mostra esta ajuda
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{ printf "  make %-9s %s\n", $$1, $$2 }'

run: ## Inicia tudo em http://localhost:8080 (PORT=... escolhe outra porta); Ctrl-C para tudo
	@$(PYTHON) run.py

test: pacotes-dev ## Roda todos os testes (ARGS="tests/core -k pix" escolhe alguns; PROCESSOS=0 roda num só processo)
	$(PY) -m pytest -n $(PROCESSOS) --dist loadfile --no-loadscope-reorder $(ARGS)

lint: pacotes-dev ## Confere estilo e a ordem dos andares
	$(PY) -m ruff check .
	.venv/bin/lint-imports

bench: pacotes-dev ## Mede o desempenho e compara com os alvos (ARGS="--help" mostra as partes)
	$(PY) -m bench $(ARGS)

demo: pacotes ## Carrega um provedor de demonstração (CLIENTES=5000 MESES=14 SEED=1)
	@$(PY) run.py executar sh -c 'flask --app run:app db upgrade && flask --app run:app crm preparar && flask --app run:app crm demo --clientes $(CLIENTES) --meses $(MESES) --seed $(SEED)'

restaurar: ## Restaura uma cópia de segurança, com o sistema parado (ARQUIVO=copia.dump)
	@$(PYTHON) run.py restaurar "$(ARQUIVO)"

caos: pacotes-dev ## Mata processos em pontos sorteados e confere que nada se perdeu (demora)
	CRM_CAOS=200 $(PY) -m pytest -m caos $(ARGS)

fixar: ## Refaz requirements*.txt a partir de requirements*.in
	$(PYTHON) bin/fixar_dependencias

limpar: ## Apaga .venv e o que as ferramentas guardam; os dados em instance/ ficam
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache .grimp_cache
	find . -name __pycache__ -type d -not -path './instance/*' -prune -exec rm -rf {} +

pacotes:
	@$(PYTHON) run.py preparar

pacotes-dev:
	@$(PYTHON) run.py preparar --dev
