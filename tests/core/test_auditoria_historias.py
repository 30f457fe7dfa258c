"""Whole lives through services and screens: whatever row was touched, its trail replayed is the row."""

from __future__ import annotations

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import sqlalchemy as sa
from flask_appbuilder.security.sqla.models import PermissionView, Role

from app.contratos.services import ContratoService, NovoContrato
from app.core import relogio
from app.core.models import UserAuditLog
from app.core.transacao import transacao
from app.faturamento.estados import StatusInvoice
from app.faturamento.models import ClienteEstacionado, Invoice
from app.faturamento.models.lancamentos import TipoLancamento
from app.faturamento.models.pagamentos import Metodo
from app.faturamento.services import FaturamentoService, Inicio
from tests import fabricas as f
from tests.core import vida
from tests.usuarios.apoio import salvar_papel

HOJE = dt.date(2026, 3, 3)


def ultima_linha(sessao) -> int:
    return sessao.scalar(sa.select(sa.func.max(UserAuditLog.id))) or 0


def test_the_life_of_a_contract_and_its_invoices_is_in_the_trail(sessao) -> None:
    """Drafted, activated, billed by hand with charges and credit, overdue, paid, reversed, cancelled, issued again, plan changed, paused, ended."""
    antes = ultima_linha(sessao)
    with relogio.mover_para(HOJE):
        f.uma_empresa(sessao)
        cliente, plano, outro = f.um_cliente(sessao), f.um_plano(sessao, fidelidade_meses=12), f.um_plano(sessao, preco=Decimal("149.90"))
        contrato = ContratoService(sessao).criar_contratos([NovoContrato(cliente.id, plano.id, HOJE)])[0]
        servico = FaturamentoService(sessao)
        servico.ativar_contratos([Inicio(contrato.id, HOJE, 10)])
        servico.lancar(cliente.id, tipo=TipoLancamento.desconto, descricao="Indicação", valor=Decimal(150), a_partir_de=HOJE)
        servico.creditar(cliente.id, valor=Decimal(5), motivo="bônus")
        servico.gerar_invoices_automaticas(hoje=HOJE, cliente_id=cliente.id)
        servico.lancar(cliente.id, tipo=TipoLancamento.acrescimo, descricao="Visita", valor=Decimal(50), a_partir_de=HOJE)
    with relogio.mover_para(dt.date(2026, 4, 2)):
        (primeira, *_resto) = servico.gerar_invoices_automaticas(hoje=dt.date(2026, 4, 2), cliente_id=cliente.id)
    with relogio.mover_para(dt.date(2026, 6, 1)):
        vencidas = servico.marcar_vencidas(hoje=dt.date(2026, 6, 1))
        servico.mudar_plano(contrato.id, outro.id, em=dt.date(2026, 6, 1))
        pagamento = servico.registrar_pagamento(primeira, Decimal(60), Metodo.dinheiro, em=dt.date(2026, 6, 1), referencia="r1")
        servico.estornar_pagamento(pagamento.id, motivo="cheque", em=dt.date(2026, 6, 1))
        (terceira, *_resto) = servico.gerar_invoices_automaticas(hoje=dt.date(2026, 6, 1), cliente_id=cliente.id)
        servico.cancelar(terceira, motivo="erro", em=dt.date(2026, 6, 1))
        servico.reemitir(terceira, em=dt.date(2026, 6, 1))
        servico.suspender_a_pedido(contrato.id, em=dt.date(2026, 6, 1))
    with relogio.mover_para(dt.date(2026, 6, 9)):
        servico.retomar(contrato.id, em=dt.date(2026, 6, 9))
        servico.encerrar_contrato(contrato.id, em=dt.date(2026, 6, 9), motivo="mudou de cidade")
    sessao.flush()
    assert vencidas and sessao.get(Invoice, terceira).status is StatusInvoice.cancelada
    vidas, _pares = vida.reconstruir(sessao, antes)
    assert {t for t, _chave in vidas} >= {"contrato", "invoice", "item_invoice", "pagamento", "lancamento", "credito", "ciclo_faturamento", "acesso_rede"}
    assert vida.diferencas(sessao, antes) == []


def test_a_run_is_one_row_and_its_invoices_name_it(sessao) -> None:
    with relogio.mover_para(HOJE):
        bom, ruim = f.um_contrato(sessao), f.um_contrato(sessao, preco=Decimal("99999999.99"))
        ruim.desconto = Decimal(0)
        sessao.flush()
        antes = ultima_linha(sessao)
        servico = FaturamentoService(sessao)
        execucao = servico.abrir_execucao(hoje=HOJE, origem="tela")
        while servico.passo(execucao.id).restam:
            pass
        sessao.flush()
        sessao.expire_all()
    emitir = sessao.scalars(sa.select(UserAuditLog).where(UserAuditLog.id > antes, UserAuditLog.action == "emitir")).all()
    ids = sessao.scalars(sa.select(Invoice.id).where(Invoice.execucao_id == execucao.id)).all()
    assert sum(r.depois["quantidade"] for r in emitir) == len(ids) > 0 and {r.execucao_id for r in emitir} == {execucao.id}
    assert all(any(r.depois["primeira"] <= i <= r.depois["ultima"] for r in emitir) for i in ids) and bom.id
    assert {e.execucao_id for e in sessao.scalars(sa.select(ClienteEstacionado))} <= {execucao.id}
    assert vida.diferencas(sessao, antes, sem_massa=True) == []


def test_what_is_done_on_the_screens_is_in_the_trail(app, http) -> None:
    with app.app_context(), transacao() as s:
        f.um_usuario(s, "Admin", usuario="ana")
        bia = f.um_usuario(s, "Gerente", usuario="bia").id
        antes, papel = ultima_linha(s), s.scalar(sa.select(Role.id).where(Role.name == "Tecnico"))
        ver = [p.id for p in s.scalars(sa.select(PermissionView)) if p.view_menu.name == "FeriadoView" and p.permission.name in ("can_list", "can_edit")]
    http.entrar("ana")
    pessoa = {"first_name": "Bia", "last_name": "Reis", "username": "bia", "email": "bia@exemplo.com.br", "roles": [papel]}
    http.post(f"/usuarios/edit/{bia}", data={**pessoa, "active": "y"})
    http.post(f"/usuarios/action/redefinir_senha/{bia}")
    salvar_papel(http, papel, [",".join(map(str, ver))])
    http.post("/feriados/add", data={"data": "2026-12-08", "nome": "Padroeira"})
    http.post("/configuracoes/faturamento", data={"faturamento.dias_antecedencia": "7"})
    http.post("/clientes/add", data={"nome": "Ana Souza", "cpf_cnpj": "529.982.247-25", "email": "ana@exemplo.com.br"})
    with app.app_context(), transacao() as s:
        vidas, pares = vida.reconstruir(s, antes)
        assert {t for t, _chave in vidas} >= {"ab_user", "ab_role", "perfil", "feriado", "cliente"}
        assert vida.diferencas(s, antes) == []
        permissao = s.scalars(sa.select(UserAuditLog).where(UserAuditLog.id > antes, UserAuditLog.resource == "ab_role")).one()
        assert permissao.rota == "PermissoesView.papel" and len(permissao.request_id) == 16
        assert pares["ab_user", "roles"] and {d["nome"] for d in permissao.depois["permissions"]} >= {"FeriadoView · can_list", "FeriadoView · can_edit"}
        chave = permissao.id
    pagina = http.get(f"/auditoria/show/{chave}").text
    assert "Feriados do provedor · Ver" in pagina and "Feriados do provedor · Editar" in pagina and "Menu: Feriados do provedor" in pagina


def test_eight_people_at_once_sign_their_own_rows(app_real) -> None:
    app_real.config["WTF_CSRF_ENABLED"] = False
    with app_real.app_context(), transacao() as s:
        nomes = {f.um_usuario(s, "Admin", usuario=f"pessoa{n}").id: f"pessoa{n}" for n in range(8)}

    def trabalhar(nome: str) -> None:
        navegador = app_real.test_client()
        navegador.post("/login/", data={"username": nome, "password": f.SENHA})
        for vez in range(4):
            navegador.post("/feriados/add", data={"data": f"20{30 + int(nome[-1])}-01-0{vez + 1}", "nome": f"{nome} {vez}"})

    with ThreadPoolExecutor(8) as fios:
        list(fios.map(trabalhar, nomes.values()))
    with app_real.app_context():
        from app.extensions import db

        linhas = db.session.scalars(sa.select(UserAuditLog).where(UserAuditLog.resource == "feriado", UserAuditLog.action == "criar")).all()
        assert len(linhas) == 32 and [r for r in linhas if not r.depois["nome"].startswith(f"{nomes[r.user_id]} ")] == []
        assert len({r.request_id for r in linhas}) == 32
