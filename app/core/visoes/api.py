"""The base of every generated API: explicit columns, row rules on foreign keys too, refusals in Portuguese with a stable code, never a 500 for bad input."""
from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import partial
from typing import Any

import prison
from flask import Response, request
from flask_appbuilder import ModelRestApi
from flask_appbuilder.api import ModelKeyType
from flask_appbuilder.api.convert import Model2SchemaConverter, TreeNode
from flask_appbuilder.exceptions import InvalidOrderByColumnFABException
from flask_appbuilder.hooks import before_request
from flask_babel import gettext as _
from marshmallow import Schema, ValidationError, fields, post_dump
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import sigilo
from app.core.erros import DominioError, NaoEncontrado, SemPermissao, ValorInvalido
from app.core.numeros import MAIOR_ID
from app.core.textos import em_branco, guardavel, resumo
from app.core.transacao import transacao
from app.core.uma_vez import uma_vez
from app.core.visoes.corpos import Data, DataHora
from app.core.visoes.erros_banco import ErroDeBanco, traduzir
from app.core.visoes.escopo import aplicar_escopo
from app.core.visoes.filtros import FiltrosPorRequisicao
from app.core.visoes.mensagens_api import RespostasTraduzidas, traduzidas
from app.core.visoes.rotulos_api import RotulosDaTela
from app.core.visoes.verbos import responde

MAIOR_PAGINA = 100
MAIOR_SALTO = 10_000
PERGUNTA_MAXIMA = 8_000
_EXIGIDAS = ("list_columns", "show_columns", "search_columns", "order_columns")
_DE_ESCRITA = ("add_columns", "edit_columns")


def _tem_invalido(valor: Any) -> bool:
    """Whether a text in it cannot be kept: JSON lets even half of a character through (``"\\ud800"``)."""
    faltam = [valor]
    while faltam:      # no recursion: a program sends brackets as deep as it likes
        este = faltam.pop()
        if isinstance(este, str) and not guardavel(este):
            return True
        faltam += [*este, *este.values()] if isinstance(este, dict) else este if isinstance(este, list) else ()
    return False


class ChaveDeRelacao(fields.Integer):
    """A many-to-one relation travels as the other row's key, which is found through the row rules."""

    def __init__(self, modelo: type, sessao: Any, **kw: Any):
        super().__init__(**kw)
        self.modelo, self.sessao = modelo, sessao

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kw: Any) -> int | None:
        return None if value is None else value.__mapper__.primary_key_from_instance(value)[0]

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kw: Any) -> Any:
        if isinstance(value, (bool, float)):
            raise self.make_error("invalid", input=value)
        chave = super()._deserialize(value, attr, data, **kw)
        coluna = self.modelo.__mapper__.primary_key[0]
        sessao = self.sessao()
        achada = abs(chave) <= MAIOR_ID and aplicar_escopo(sessao.query(self.modelo), self.modelo).filter(coluna == chave).one_or_none()
        if not achada:
            raise ValidationError(_("Não encontrado."))
        return achada


class NumeroExato(fields.Decimal):
    """A number of a NUMERIC column: refused, never rounded, when it has more decimals or digits than the column."""

    def __init__(self, tipo: Any, **kw: Any):
        metadata = {"type": "string", "example": str(Decimal(1).scaleb(-tipo.scale)) if tipo.scale else "1"}
        validate = [partial(v) for v in kw.pop("validate", None) or ()]      # the OpenAPI document would write their limits as texts
        super().__init__(allow_nan=False, as_string=True, metadata=metadata, validate=validate, **kw)
        self.casas = tipo.scale
        self.inteiros = tipo.precision - tipo.scale if tipo.precision is not None and tipo.scale is not None else None

    def _validated(self, value: Any) -> Any:
        if isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        numero = super()._validated(value)
        if numero is not None and abs(numero) >= 10 ** (15 if self.inteiros is None else self.inteiros):
            raise ValidationError(_("Valor grande demais."))
        if numero is not None and self.casas is not None and numero != round(numero, self.casas):
            raise ValidationError(_("No máximo %(n)d casas depois da vírgula.", n=self.casas))
        return numero


class _ComSigilo:
    """Part of every schema made for a model: what goes out is what the person may see."""

    modelo_mostrado: type

    @post_dump
    def _esconder(self, dados: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        return {nome: sigilo.mostrar(self.modelo_mostrado, nome, valor) for nome, valor in dados.items()}


class ConversorDeEsquema(Model2SchemaConverter):
    """Enums travel by their stored word; a relation shown must say which of its columns (``cliente.nome``)."""

    def _meta_schema_factory(self, columns: list[str], model: Any, class_mixin: type, parent_schema_name: str | None = None) -> type:
        """The framework leaves foreign keys out of its schemas; ours name them (``cliente_id``)."""
        base = super()._meta_schema_factory(columns, model, class_mixin, parent_schema_name)
        partes = {"Meta": type("Meta", (base.Meta,), {"include_fk": True}), "modelo_mostrado": model or self.datamodel.obj}
        return type("MetaSchema", (_ComSigilo, base), partes)

    def _column2enum(self, datamodel: Any, column: TreeNode) -> fields.Field:
        campo = super()._column2enum(datamodel, column)
        coluna = datamodel.list_columns[column.name]
        if coluna.type.enum_class is None:
            return campo
        exigido = campo.required and coluna.default is None and coluna.server_default is None
        novo = fields.Enum(coluna.type.enum_class, by_value=False, required=exigido, allow_none=datamodel.is_nullable(column.name))
        novo.unique = campo.unique
        return novo

    def _column2relation(self, datamodel: Any, column: TreeNode, nested: bool = False, parent_schema_name: str | None = None) -> fields.Field:
        if nested and not column.children:
            raise TypeError(f"{datamodel.obj.__name__}.{column.name}: name its columns ({column.name}.nome) or the whole row would be shown")
        if nested or not datamodel.is_relation_many_to_one(column.name):
            return super()._column2relation(datamodel, column, nested, parent_schema_name)
        nulo = datamodel.is_nullable(column.name)
        campo = ChaveDeRelacao(datamodel.get_related_model(column.name), lambda: datamodel.session, required=not nulo, allow_none=nulo)
        campo.unique = False
        return campo

    def _column2field(self, datamodel: Any, column: TreeNode, nested: bool = True, parent_schema_name: str | None = None) -> fields.Field:
        campo = super()._column2field(datamodel, column, nested, parent_schema_name)
        if datamodel.is_integer(column.name) and isinstance(campo, fields.Integer):
            campo.strict = True      # 2.9 is not 2
        opcoes = {"required": campo.required, "allow_none": campo.allow_none, "validate": campo.validate}
        if datamodel.is_numeric(column.name):
            tipo = datamodel.list_columns[column.name].type
            novo: fields.Field = NumeroExato(getattr(tipo, "impl", tipo), **opcoes)
        elif isinstance(campo, (fields.DateTime, fields.Date)):
            novo = (DataHora if isinstance(campo, fields.DateTime) else Data)(**opcoes)
        else:
            return campo
        novo.unique = campo.unique
        return novo


class ApiBase(RotulosDaTela, RespostasTraduzidas, FiltrosPorRequisicao, ModelRestApi):
    """``list_columns``, ``show_columns``, ``search_columns``, ``order_columns``, ``add_columns`` and ``edit_columns`` must be declared.

    Verbs are sub-resources, declared by ``verbo``; ``self.dados(self.exigir(pk))`` is the row to answer with.
    ``opcionais``: columns that may be left out of a new row because ``pre_add`` fills them.
    """

    model2schemaconverter = ConversorDeEsquema
    base_order = ("id", "desc")
    max_page_size = MAIOR_PAGINA
    somente_leitura = False
    opcionais: frozenset[str] = frozenset()
    ordena_por: Mapping[str, str] = {}      # a column of the answer → the indexed one that orders like it

    def _handle_order_args(self, rison_args: dict[str, Any]) -> tuple[str, str]:
        pedida = rison_args.get("order_column", "")
        ordens = [c for c in self.order_columns if not sigilo.escondida(self.datamodel.obj, c)]
        if pedida and pedida not in ordens:
            texto = _("Não se ordena por “%(coluna)s”; use: %(ordens)s.", coluna=str(pedida)[:40], ordens=", ".join(ordens))
            raise InvalidOrderByColumnFABException(texto)
        coluna, direcao = super()._handle_order_args(rison_args)
        return self.ordena_por.get(coluna, coluna), direcao

    def __init__(self) -> None:
        if self.somente_leitura:
            self.exclude_route_methods = set(self.exclude_route_methods) | {"post", "put", "delete"}
            self.add_columns = self.edit_columns = [self.datamodel.get_pk_name()]
            # a class of its own for each: the OpenAPI document warns of the second Schema it meets
            self.add_model_schema, self.edit_model_schema = (type(f"{type(self).__name__}{n}", (Schema,), {})() for n in ("Add", "Edit"))
        self._exigir_colunas()
        self.label_columns = dict(self.label_columns or {})
        self.base_filters = list(self.base_filters or [])
        super().__init__()

    def _init_model_schemas(self) -> None:
        super()._init_model_schemas()
        for nome in self.opcionais:
            campo = self.add_model_schema.fields[nome]
            campo.required, campo.allow_none = False, True

    def _exigir_colunas(self) -> None:
        faltam = [nome for nome in (*_EXIGIDAS, *_DE_ESCRITA) if not getattr(self, nome)]
        if faltam:
            raise TypeError(f"{self.__class__.__name__} must declare {', '.join(faltam)}: the default would be every column")

    # ---- limits

    @before_request
    def _ler_tudo(self) -> None:
        """A body larger than is taken is 413 here: the framework would make a 500 of it."""
        request.get_data()

    @before_request
    def _conferir_pergunta(self) -> Response | None:
        """400 for a ``q`` that the rison reader cannot even refuse (it recurses without end on a run of brackets)."""
        pergunta = request.args.get("q", "")
        try:
            if len(pergunta) > PERGUNTA_MAXIMA:
                raise ValueError("too long")
            prison.loads(pergunta) if pergunta else None
        except prison.decoder.ParserException:
            return None
        except (RecursionError, ValueError, LookupError, TypeError):
            return self.response_400(message="Not a valid rison/json argument")
        return None

    def _sanitize_page_args(self, page: int | None, page_size: int | None) -> tuple[int, int]:
        """Sizes of 1 to 100 and no jump beyond ``MAIOR_SALTO`` rows: deeper is what filters are for."""
        tamanho = page_size if page_size and 1 <= page_size <= MAIOR_PAGINA else (self.page_size if not page_size else MAIOR_PAGINA)
        return min(max(page or 0, 0), MAIOR_SALTO // tamanho), tamanho

    def _get_list_related_field(self, field: Any, filter_rel_field: Any, page: int | None = None, page_size: int | None = None) -> tuple[int, list]:
        """Nothing: /_info tells about columns, not about other tables' rows."""
        return 0, []

    def _get_field_info(self, field: Any, *a: Any, **kw: Any) -> dict[str, Any]:
        """A column without a name or a description has none: the framework translates the empty text, whose translation is the catalogue's header."""
        dito = super()._get_field_info(field, *a, **kw)
        return dito | {chave: "" for chave, de in (("label", self.label_columns), ("description", self.description_columns)) if not de.get(field.name)}

    def _get_fields_info(self, cols: list[str], model_schema: Schema, filter_rel_fields: Any, **kw: Any) -> list[dict]:
        return [] if self.somente_leitura else super()._get_fields_info(cols, model_schema, filter_rel_fields, **kw)

    # ---- writing

    @responde
    def post_headless(self) -> Response:
        item = self._ler(self.add_model_schema, {})
        if isinstance(item, Response):
            return item
        self._gravar(item, self.pre_add)
        self.post_add(item)
        return self.response(201, result=self.add_model_schema.dump(item, many=False), id=self.datamodel.get_pk_value(item))

    @responde
    def put_headless(self, pk: ModelKeyType) -> Response:
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            return self.response_404()
        self._recusar_parciais(item)
        lido = self._ler(self.edit_model_schema, {"instance": item, "partial": True})
        if isinstance(lido, Response):
            return lido
        self._gravar(lido, self.pre_update)
        self.post_update(lido)
        return self.response(200, result=self.edit_model_schema.dump(lido, many=False))

    def _recusar_parciais(self, item: Any) -> None:
        """What the person sees masked is not written over: the mask would come back as its value."""
        corpo = request.get_json(silent=True)
        colunas = [c for c in self.edit_columns if isinstance(corpo, dict) and c in corpo]
        if campos := [c for c in colunas if sigilo.parcial(self.datamodel.obj, c, getattr(item, c, None))]:
            raise SemPermissao(_("Você não pode mudar dados que não pode ver: %(campos)s.", campos=", ".join(campos)), campos=campos)

    @responde
    def delete_headless(self, pk: ModelKeyType) -> Response:
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            return self.response_404()
        self.pre_delete(item)
        self.datamodel.delete(item)
        self.post_delete(item)
        return self.response(200, message="OK")

    def _ler(self, esquema: Schema, opcoes: dict) -> Any:
        """The row described by the body, or the refusal to answer with."""
        corpo = request.get_json(silent=True)
        if not request.is_json or not isinstance(corpo, dict):
            return self.response_400(message=_("O corpo precisa ser um objeto JSON."))
        if _tem_invalido(corpo):
            return self.response_422(message=_("Um dos textos tem caractere inválido."))
        if brancos := [coluna for coluna, valor in corpo.items() if isinstance(valor, str) and em_branco(valor) and self._exige_texto(coluna)]:
            return self.response_422(message={coluna: [_("Não pode ficar em branco.")] for coluna in brancos})
        with self.datamodel.session.no_autoflush:
            try:
                item = esquema.load(corpo, **opcoes)
            except ValidationError as erro:
                self.datamodel.session.rollback()
                return self.response_422(message=erro.messages)
            recusados = self._fora_do_alcance(item, corpo)
            if recusados:
                self.datamodel.session.rollback()
                return self.response_422(message={coluna: [_("Não encontrado.")] for coluna in recusados})
        return item

    def _exige_texto(self, coluna: str) -> bool:
        modelo = self.datamodel
        return coluna in modelo.list_columns and not modelo.is_nullable(coluna) and (modelo.is_string(coluna) or modelo.is_text(coluna))

    def _fora_do_alcance(self, item: Any, corpo: dict) -> list[str]:
        """Relations and foreign keys of the body that point to a row the person may not see."""
        return [coluna for coluna in corpo if not self._alcanca(item, coluna)]

    def _alcanca(self, item: Any, coluna: str) -> bool:
        if self.datamodel.is_relation(coluna):
            outros = getattr(item, coluna)
            outros = outros if isinstance(outros, list) else [outros]
            modelo = self.datamodel.get_related_model(coluna)
            return all(_visivel(self.datamodel.session, modelo, o.__mapper__.primary_key_from_instance(o)[0]) for o in outros if o is not None)
        chaves = self.datamodel.is_fk(coluna)
        valor = getattr(item, coluna, None)
        if not chaves or valor is None:
            return True
        modelo = _modelo_da_tabela(self.datamodel.obj, next(iter(chaves)).column.table)
        return modelo is None or _visivel(self.datamodel.session, modelo, valor)

    def _gravar(self, item: Any, antes: Callable[[Any], None]) -> None:
        with transacao() as sessao:
            with sessao.no_autoflush:
                antes(item)
            sessao.add(item)
            sessao.flush()

    # ---- for verbs

    def operation_helper(self, path: str | None = None, operations: Any = None, methods: Any = None, func: Any = None, **kw: Any) -> None:
        """A verb describes itself in the OpenAPI document; the framework's own methods do so in their docstrings."""
        if (dito := getattr(func, "verbo", None)) is not None:
            operations.update(dito.operacao())
            return
        super().operation_helper(path, operations, methods, func, **kw)
        for metodo, operacao in operations.items():
            conflito = {409: {"description": "Já existe um igual, ou outra pessoa mudou isto"}} if metodo in ("post", "put") else {}
            operacao.update(security=[{"jwt": []}], responses={**operacao.get("responses", {}), 403: {"description": "Sem permissão"}, **conflito})

    def exigir(self, pk: ModelKeyType) -> Any:
        """The row under the row rules; answers 404 by raising ``NaoEncontrado`` otherwise."""
        item = self.datamodel.get(pk, self._base_filters)
        if item is None:
            raise NaoEncontrado(_("Registro não encontrado."))
        return item

    def exigir_de(self, modelo: type, chave: int, recusa: str) -> None:
        """The row of another table that a body names, under the row rules. Raises NaoEncontrado with these words."""
        if not _visivel(self.datamodel.session, modelo, chave):
            raise NaoEncontrado(recusa)

    def uma_vez(self, sessao: Session, fazer: Callable[[], int]) -> tuple[int, bool]:
        """``core.uma_vez`` by the header ``Idempotency-Key`` (IETF draft-ietf-httpapi-idempotency-key-header): the same key with the same body is one
        request, whose answer was lost; with another body it is another. Without a key every request is one."""
        corpo = resumo(request.get_data().decode(errors="backslashreplace"), 16)
        return uma_vez(sessao, f"{request.endpoint}:{corpo}", request.headers.get("Idempotency-Key", ""), fazer)

    def ler_corpo(self, esquema: Schema) -> dict:
        """The body checked by a marshmallow schema. Raises ``ValorInvalido`` (400) that says which fields are wrong."""
        dados = request.get_json(silent=True)
        if not isinstance(dados, dict):
            raise ValorInvalido(_("O corpo precisa ser um objeto JSON."))
        if _tem_invalido(dados):
            raise ValorInvalido(_("Um dos textos tem caractere inválido."))
        try:
            return esquema.load(dados)
        except ValidationError as erro:
            raise ValorInvalido(_("Há campos inválidos."), campos=traduzidas(erro.messages)) from erro

    def dados(self, item: Any) -> dict:
        """The row as ``GET /<pk>`` shows it."""
        return self.show_model_schema.dump(item, many=False)

    def recusa(self, erro: DominioError | ErroDeBanco | SQLAlchemyError) -> Response:
        """A refusal as JSON: ``message`` for people, ``codigo`` for programs, ``campos`` when known."""
        if isinstance(erro, SQLAlchemyError):
            erro = traduzir(erro, self.datamodel.obj.metadata)
        self.datamodel.session.rollback()
        if isinstance(erro, DominioError):
            extra = {"campos": erro.dados["campos"]} if "campos" in erro.dados else {}
            return self.response(erro.status_http, message=str(erro), codigo=erro.codigo, **extra)
        return self.response(409 if erro.codigo in ("duplicado", "concorrencia") else 422, message=str(erro), codigo=erro.codigo, campos=list(erro.colunas))


class ApiSomenteLeitura(ApiBase):
    """List and get only; what changes the rows are verbs."""

    somente_leitura = True


def _visivel(sessao: Any, modelo: type, chave: Any) -> bool:
    coluna = modelo.__mapper__.primary_key[0]
    return aplicar_escopo(sessao.query(coluna), modelo).filter(coluna == chave).first() is not None


def _modelo_da_tabela(base: type, tabela: Any) -> type | None:
    return next((m.class_ for m in base.registry.mappers if m.local_table is tabela), None)


__all__ = ["ApiBase", "ApiSomenteLeitura", "ConversorDeEsquema"]
