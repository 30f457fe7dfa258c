"""What a line changes: compared with the base and with the lines before it, without writing anything.

The preview and the import decide by the same function; the import then does what was decided.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.clientes.models import Cliente, Endereco
from app.contratos.criacao import ADIANTE_ATIVO
from app.contratos.estados import StatusContrato
from app.contratos.models import Contrato, ContratoHistorico
from app.core import relogio
from app.core.datas import primeiro_vencimento
from app.core.dinheiro import formatar_reais
from app.core.erros import ValorInvalido
from app.faturamento.models import CicloFaturamento, ContratoCiclo
from app.integracoes import valores
from app.integracoes.linhas import ContratoLido, EnderecoLido, LinhaRejeitada, Registro, chave_do_endereco, chave_do_nome
from app.integracoes.models import ImportacaoLinha, ResultadoLinha
from app.planos.models import Plano

CONTATO = ("email", "telefone", "whatsapp")
_ROTULOS = {"email": "e-mail", "telefone": "telefone", "whatsapp": "WhatsApp"}


@dataclass
class PlanoVisto:
    """A plan of the base, or one that an earlier line makes (id None)."""

    id: int | None
    nome: str
    preco: Decimal
    ativo: bool = True


@dataclass
class ContratoVisto:
    """A contract a line may be about."""

    id: int | None
    login: str | None
    plano: str
    endereco: str
    status: StatusContrato
    preco: Decimal
    dia: int | None
    planos_antigos: frozenset[str] = frozenset()


@dataclass
class ClienteVisto:
    """A customer with what lines are compared with."""

    id: int | None
    nome: str
    contato: dict[str, str | None]
    no_arquivo: bool = False      # an earlier line of the same file was about this customer
    enderecos: dict[str, int | None] = field(default_factory=dict)
    contratos: list[ContratoVisto] = field(default_factory=list)


@dataclass
class Decisao:
    """What to do. ``plano_novo`` and ``endereco_novo`` are made before the contract that needs them."""

    registro: Registro
    cliente: ClienteVisto | None
    mudancas: dict[str, str] = field(default_factory=dict)
    endereco_novo: EnderecoLido | None = None
    plano: PlanoVisto | None = None
    plano_novo: PlanoVisto | None = None
    contrato_novo: ContratoLido | None = None
    preco: Decimal | None = None
    contrato: ContratoVisto | None = None
    frases: list[str] = field(default_factory=list)
    avisos: list[str] = field(default_factory=list)

    @property
    def plano_id(self) -> int:
        """The plan of the new contract, once it exists."""
        return self.plano.id

    @property
    def resultado(self) -> ResultadoLinha:
        """One word for the list."""
        if self.cliente is None or self.contrato_novo:
            return ResultadoLinha.criada
        return ResultadoLinha.atualizada if self.mudancas or self.endereco_novo else ResultadoLinha.sem_mudanca

    @property
    def detalhe(self) -> str:
        """What it does, then the remarks. No personal data: it outlives the line's own."""
        feito = "; ".join(self.frases) or _("nada a mudar")
        frase = feito[:1].upper() + feito[1:]
        return _("%(feito)s. Atenção: %(avisos)s.", feito=frase, avisos="; ".join(self.avisos)) if self.avisos else f"{frase}."


class Visao:
    """The part of the base that some lines are about, and what earlier lines would have changed in it."""

    def __init__(self, sessao: Session, *, hoje: dt.date | None = None, travar: bool = False, importacao_id: int | None = None) -> None:
        """``hoje``: day of the import; ``travar``: to write afterwards; ``importacao_id``: whose lines already done come before these."""
        self.sessao, self.hoje, self._travar, self._importacao_id = sessao, hoje or relogio.hoje(), travar, importacao_id
        self.clientes: dict[str, ClienteVisto | None] = {}
        self.logins: dict[str, str] = {}
        self.planos = {chave_do_nome(p.nome): PlanoVisto(*p) for p in sessao.execute(select(Plano.id, Plano.nome, Plano.preco, Plano.ativo))}

    def carregar(self, registros: Iterable[Registro]) -> None:
        """Read what a lot needs, in a handful of queries. With ``travar`` the customers are locked, in the order of their ids, before they are looked at."""
        lote = list(registros)
        documentos = {r.documento for r in lote} - set(self.clientes)
        self.clientes.update(dict.fromkeys(documentos))
        achados = self._ler_clientes(documentos)
        self._marcar_do_arquivo(achados)
        self._ler_enderecos(achados)
        self._ler_contratos(achados)
        logins = {r.contrato.login for r in lote if r.contrato and r.contrato.login} - set(self.logins)
        donos = select(Contrato.login_pppoe, Cliente.cpf_cnpj).join(Cliente, Cliente.id == Contrato.cliente_id)
        self.logins.update(self.sessao.execute(donos.where(Contrato.login_pppoe.in_(logins))).all())

    def reler(self, registro: Registro) -> None:
        """Forget what was read for a line, because somebody else has changed it meanwhile, and read it again."""
        antes = self.clientes.pop(registro.documento, None)
        if registro.contrato and registro.contrato.login:
            self.logins.pop(registro.contrato.login, None)
        self.planos.update({chave_do_nome(p.nome): PlanoVisto(*p) for p in self.sessao.execute(select(Plano.id, Plano.nome, Plano.preco, Plano.ativo))})
        self.carregar([registro])
        if antes and antes.no_arquivo and (agora := self.clientes[registro.documento]):
            agora.no_arquivo = True

    def _ler_clientes(self, documentos: set[str]) -> dict[int, ClienteVisto]:
        consulta = select(Cliente.id, Cliente.cpf_cnpj, Cliente.nome, Cliente.email, Cliente.telefone, Cliente.whatsapp).where(Cliente.cpf_cnpj.in_(documentos))
        if self._travar:
            consulta = consulta.order_by(Cliente.id).with_for_update(key_share=True)
        achados = {}
        for cliente_id, documento, nome, *contato in self.sessao.execute(consulta).all():
            self.clientes[documento] = achados[cliente_id] = ClienteVisto(cliente_id, nome, dict(zip(CONTATO, contato, strict=True)))
        return achados

    def _marcar_do_arquivo(self, achados: dict[int, ClienteVisto]) -> None:
        """Customers that lines of an earlier slice of the same import were about."""
        if self._importacao_id is None or not achados:
            return
        linha = ImportacaoLinha
        consulta = select(linha.cliente_id).where(linha.importacao_id == self._importacao_id, linha.feita, linha.cliente_id.in_(achados)).distinct()
        for cliente_id in self.sessao.scalars(consulta):
            achados[cliente_id].no_arquivo = True

    def _ler_enderecos(self, achados: dict[int, ClienteVisto]) -> None:
        colunas = (Endereco.cliente_id, Endereco.id, Endereco.logradouro, Endereco.numero, Endereco.complemento, Endereco.municipio, Endereco.uf)
        for cliente_id, endereco_id, *partes in self.sessao.execute(select(*colunas).where(Endereco.cliente_id.in_(achados)).order_by(Endereco.id)):
            achados[cliente_id].enderecos.setdefault(chave_do_endereco(*partes), endereco_id)

    def _ler_contratos(self, achados: dict[int, ClienteVisto]) -> None:
        colunas = (Contrato.cliente_id, Contrato.endereco_instalacao_id, Contrato.id, Contrato.login_pppoe, Plano.nome, Contrato.status, Contrato.preco,
                   CicloFaturamento.dia_vencimento)
        consulta = select(*colunas).join(Plano, Plano.id == Contrato.plano_id).outerjoin(ContratoCiclo, ContratoCiclo.contrato_id == Contrato.id)
        consulta = consulta.outerjoin(CicloFaturamento, CicloFaturamento.id == ContratoCiclo.ciclo_faturamento_id)
        antigos = self._ler_planos_antigos(achados)
        for cliente_id, endereco_id, contrato_id, login, plano, status, preco, dia in self.sessao.execute(
            consulta.where(Contrato.cliente_id.in_(achados)).order_by(Contrato.id)
        ):
            cliente = achados[cliente_id]
            onde = next((chave for chave, i in cliente.enderecos.items() if i == endereco_id), "")
            visto = ContratoVisto(contrato_id, login, chave_do_nome(plano), onde, status, preco, dia, frozenset(antigos[contrato_id]))
            cliente.contratos.append(visto)

    def _ler_planos_antigos(self, achados: dict[int, ClienteVisto]) -> dict[int, set[str]]:
        """Plans each contract has had: a file exported before a change still means the same contract."""
        consulta = select(ContratoHistorico.contrato_id, Plano.nome).join(Plano, Plano.id == ContratoHistorico.plano_id)
        consulta = consulta.join(Contrato, Contrato.id == ContratoHistorico.contrato_id).where(Contrato.cliente_id.in_(achados))
        antigos: dict[int, set[str]] = defaultdict(set)
        for contrato_id, nome in self.sessao.execute(consulta):
            antigos[contrato_id].add(chave_do_nome(nome))
        return antigos

    def lembrar(self, decisao: Decisao, *, cliente_id: int | None = None, endereco_id: int | None = None, contrato_id: int | None = None) -> None:
        """What the line did (or would do, without ids) is there for the next ones."""
        r = decisao.registro
        cliente = decisao.cliente
        if cliente is None:
            cliente = self.clientes[r.documento] = ClienteVisto(cliente_id, r.nome, {c: getattr(r, c) for c in CONTATO})
        cliente.no_arquivo = True
        cliente.contato.update(decisao.mudancas)
        if decisao.endereco_novo:
            cliente.enderecos[decisao.endereco_novo.chave] = endereco_id
        if decisao.plano_novo:
            self.planos[chave_do_nome(decisao.plano_novo.nome)] = decisao.plano_novo
        if novo := decisao.contrato_novo:
            onde = r.endereco.chave if r.endereco else ""
            visto = ContratoVisto(contrato_id, novo.login, chave_do_nome(novo.plano), onde, StatusContrato.ativo, decisao.preco, novo.dia)
            cliente.contratos.append(visto)
            if novo.login:
                self.logins[novo.login] = r.documento


def decidir(registro: Registro, visao: Visao) -> Decisao:
    """What the line changes. Raises LinhaRejeitada when it contradicts the base."""
    cliente = visao.clientes.get(registro.documento)
    d = Decisao(registro, cliente, avisos=list(registro.avisos))
    if cliente is None:
        d.frases.append(_("cliente novo"))
    else:
        _comparar_contato(d, cliente)
    if registro.contrato:
        _comparar_contrato(d, registro.contrato, visao)
    if registro.endereco and (cliente is None or d.contrato_novo or not cliente.enderecos) and registro.endereco.chave not in _enderecos(cliente):
        d.endereco_novo = registro.endereco
        if cliente is not None:
            d.frases.append(_("endereço novo"))
    elif registro.endereco and registro.endereco.chave not in _enderecos(cliente):
        d.avisos.append(_("o endereço difere do cadastro e não foi alterado"))
    return d


def _enderecos(cliente: ClienteVisto | None) -> Sequence[str]:
    return list(cliente.enderecos) if cliente else ()


def _comparar_contato(d: Decisao, cliente: ClienteVisto) -> None:
    """The first line of a customer in a file decides and later ones only complete, so that the file sent again changes nothing."""
    if chave_do_nome(d.registro.nome) != chave_do_nome(cliente.nome):
        d.avisos.append(_("o nome difere do cadastro, “%(nome)s”, e não foi alterado", nome=cliente.nome[:60]))
    diferentes = [campo for campo in CONTATO if (novo := getattr(d.registro, campo)) and novo != cliente.contato[campo]]
    recusados = [campo for campo in diferentes if cliente.no_arquivo and cliente.contato[campo]]
    d.mudancas = {campo: getattr(d.registro, campo) for campo in diferentes if campo not in recusados}
    if recusados:
        d.avisos.append(_("vale a primeira linha deste cliente no arquivo, e aqui diferem: %(campos)s", campos=", ".join(_ROTULOS[c] for c in recusados)))
    if d.mudancas:
        d.frases.append(_("atualiza %(campos)s", campos=", ".join(_ROTULOS[c] for c in d.mudancas)))


def _comparar_contrato(d: Decisao, lido: ContratoLido, visao: Visao) -> None:
    if lido.login and visao.logins.get(lido.login, d.registro.documento) != d.registro.documento:
        raise LinhaRejeitada(_("O login PPPoE já é de outro cliente"))
    existente = _o_mesmo(d, lido)
    if existente is None:
        _contrato_novo(d, lido, visao)
        return
    d.contrato = existente
    d.avisos += _diferencas(existente, lido)


def _o_mesmo(d: Decisao, lido: ContratoLido) -> ContratoVisto | None:
    """The contract the line is about: the one with its login, or without a login one at the same address that has or had the plan.

    A living one before an ended one, which the same file sent again must not bring back.
    """
    contratos = d.cliente.contratos if d.cliente else ()
    if lido.login:
        return next((c for c in contratos if c.login == lido.login), None)
    onde = d.registro.endereco.chave if d.registro.endereco else ""
    plano = chave_do_nome(lido.plano)
    iguais = [c for c in contratos if c.endereco == onde and (c.plano == plano or plano in c.planos_antigos)]
    return min(iguais, key=lambda c: c.status is StatusContrato.cancelado, default=None)


def _diferencas(existente: ContratoVisto, lido: ContratoLido) -> list[str]:
    """Contracts are not changed by an import: what differs is said."""
    if existente.status is StatusContrato.cancelado:
        return [_("o contrato está cancelado e não foi reativado")]
    achadas = []
    if existente.plano != chave_do_nome(lido.plano):
        achadas.append(_("o plano do contrato é outro e não foi alterado"))
    if lido.valor is not None and lido.valor != existente.preco:
        achadas.append(_("o valor do contrato é %(valor)s e não foi alterado", valor=formatar_reais(existente.preco)))
    if existente.dia is not None and lido.dia != existente.dia:
        achadas.append(_("o contrato vence no dia %(dia)d e não foi alterado", dia=existente.dia))
    return achadas


def _contrato_novo(d: Decisao, lido: ContratoLido, visao: Visao) -> None:
    if lido.ativacao is not None:
        _exigir_ativacao(lido.ativacao)
    plano = visao.planos.get(chave_do_nome(lido.plano))
    if plano is None:
        plano = d.plano_novo = _plano_novo(d, lido)
    elif not plano.ativo:
        raise LinhaRejeitada(_("O plano “%(plano)s” não é mais vendido; reative-o ou troque o nome na linha", plano=plano.nome))
    d.contrato_novo, d.plano = lido, plano
    d.preco = plano.preco if lido.valor is None else lido.valor
    desde = f"{cobrado_desde(lido, visao.hoje):%d/%m/%Y}"
    d.frases.append(_("contrato novo, %(plano)s, %(valor)s, vence dia %(dia)d, cobrado desde %(desde)s",
                      plano=plano.nome, valor=formatar_reais(d.preco), dia=lido.dia, desde=desde))


def cobrado_desde(lido: ContratoLido, hoje: dt.date) -> dt.date:
    """First day that our invoices charge for.

    The days before the first due date belong to the system the customer comes from; who begins on the day of the import or later is ours alone.
    """
    return lido.ativacao if lido.ativacao is not None and lido.ativacao >= hoje else primeiro_vencimento(hoje, lido.dia)


def _exigir_ativacao(dia: dt.date) -> None:
    """The rule of whoever activates, seen before anything is written. Raises LinhaRejeitada."""
    try:
        relogio.exigir_dia(dia, ADIANTE_ATIVO, campo="ativacao")
    except ValorInvalido as erro:
        raise LinhaRejeitada(str(erro)) from erro


def _plano_novo(d: Decisao, lido: ContratoLido) -> PlanoVisto:
    if lido.valor is None:
        raise LinhaRejeitada(_("O plano “%(plano)s” não existe e a linha não tem valor para criá-lo", plano=lido.plano))
    d.frases.append(_("cria o plano “%(plano)s”", plano=lido.plano))
    if valores.velocidades(lido.plano) is None:
        d.avisos.append(_("o nome do plano não diz a velocidade: ele entra com 1/1 Mbps, corrija em Planos"))
    else:
        d.avisos.append(_("velocidade do plano deduzida do nome, confira em Planos"))
    if not lido.valor:
        d.avisos.append(_("o plano entra de graça, corrija o preço em Planos"))
    return PlanoVisto(None, lido.plano, lido.valor)

