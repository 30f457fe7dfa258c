"""Limits on trying: so many free, then a wait that doubles and ends by itself. Counted in Redis; in this process's memory while Redis is away.

An attempt is counted before it is judged, so that many at once are not free: ``tentar`` → judge → ``esquecer`` (right) or nothing (wrong).
"""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import logging
import math
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import redis
from flask_babel import ngettext

from app.core import filas, relogio

log = logging.getLogger(__name__)
T = TypeVar("T")
_PREFIXO, _TRAVADOS = "limite", "limites:travados"
_DOBRAS = 20
_TENTAR = """
local d = redis.call('HMGET', KEYS[1], 'n', 'ate', 'em')
local n, ate, em, agora = tonumber(d[1]) or 0, tonumber(d[2]) or 0, tonumber(d[3]) or 0, tonumber(ARGV[1])
if ate > agora then return {math.ceil(ate - agora), 0} end
if agora - em > tonumber(ARGV[5]) then n = 0 end
n, ate = n + 1, 0
if n >= tonumber(ARGV[2]) then ate = agora + math.min(tonumber(ARGV[3]) * 2 ^ math.min(n - tonumber(ARGV[2]), 20), tonumber(ARGV[4])) end
redis.call('HSET', KEYS[1], 'n', n, 'ate', tostring(ate), 'em', tostring(agora))
redis.call('EXPIRE', KEYS[1], math.ceil(tonumber(ARGV[4]) + tonumber(ARGV[5])))
if ate > 0 then redis.call('ZADD', KEYS[2], ate, ARGV[6]) end
return {0, ate > 0 and 1 or 0}
"""
_DEVOLVER = """
local n = tonumber(redis.call('HGET', KEYS[1], 'n')) or 0
if n <= 1 then redis.call('DEL', KEYS[1]) else redis.call('HSET', KEYS[1], 'n', n - 1, 'ate', '0') end
redis.call('ZREM', KEYS[2], ARGV[1])
"""


class Quem(enum.StrEnum):
    """Whose attempts a limit counts together: an account's (a user's id), an address's, or a document's."""

    conta = "conta"
    endereco = "endereco"
    documento = "documento"


@dataclass(frozen=True)
class Limite:
    """``livres - 1`` attempts cost nothing; the next begins a wait of ``espera``, doubling with each up to ``maxima``; all is forgotten after
    ``esquece`` without an attempt. ``rotulo`` names it to the administrator (marked with ``N_``), ``de`` says what its keys are."""

    nome: str
    rotulo: str
    livres: int
    de: Quem = Quem.endereco
    espera: dt.timedelta = dt.timedelta(minutes=1)
    maxima: dt.timedelta = dt.timedelta(hours=1)
    esquece: dt.timedelta = dt.timedelta(hours=24)

    def duracao(self, tentativas: int) -> dt.timedelta:
        """The wait that the attempt of this number begins."""
        if tentativas < self.livres:
            return dt.timedelta(0)
        return min(self.espera * 2 ** min(tentativas - self.livres, _DOBRAS), self.maxima)


@dataclass(frozen=True)
class Tentativa:
    """What ``tentar`` says: ``espera`` in seconds (0: go on), and whether this attempt begins a wait for the next."""

    espera: int = 0
    travou: bool = False


@dataclass(frozen=True)
class Trava:
    """Somebody who has to wait: which limit, whose (a user's id, an address, a document's mask and hash), until when."""

    limite: Limite
    chave: str
    ate: dt.datetime


LIMITES: dict[str, Limite] = {}


def declarar(limite: Limite) -> Limite:
    """Make a limit known by its name."""
    LIMITES[limite.nome] = limite
    return limite


def tentar(limite: Limite, chave: str | int) -> Tentativa:
    """Count an attempt and say whether it may be made. A refused one is not counted."""
    agora = relogio.agora().timestamp()
    prazos = (limite.espera.total_seconds(), limite.maxima.total_seconds(), limite.esquece.total_seconds())
    onde, quem = _chave(limite, chave), _membro(limite, chave)

    def no_redis(r: redis.Redis) -> Tentativa:
        espera, travou = r.eval(_TENTAR, 2, onde, _TRAVADOS, agora, limite.livres, *prazos, quem)
        return Tentativa(int(espera), bool(travou))

    return _com_redis(no_redis, lambda: _memoria.tentar(limite, str(chave), agora))


def devolver(limite: Limite, chave: str | int) -> None:
    """The last attempt was right: it does not count, those before it do (an address many people share)."""
    _com_redis(lambda r: r.eval(_DEVOLVER, 2, _chave(limite, chave), _TRAVADOS, _membro(limite, chave)), lambda: _memoria.devolver(limite, str(chave)))


def esquecer(limite: Limite, chave: str | int) -> None:
    """All attempts are forgotten: the right one was made, or an administrator says so."""
    def no_redis(r: redis.Redis) -> None:
        r.delete(_chave(limite, chave))
        r.zrem(_TRAVADOS, _membro(limite, chave))

    _memoria.esquecer(limite, str(chave))
    _com_redis(no_redis, lambda: None)


def travas() -> list[Trava]:
    """Who has to wait now, the longest first; at most 500."""
    agora = relogio.agora().timestamp()

    def no_redis(r: redis.Redis) -> list[tuple[str, float]]:
        r.zremrangebyscore(_TRAVADOS, "-inf", agora)
        return [(membro.decode(), ate) for membro, ate in r.zrevrangebyscore(_TRAVADOS, "+inf", agora, start=0, num=500, withscores=True)]

    achadas = _com_redis(no_redis, lambda: _memoria.travados(agora))
    partes = [(*membro.split(":", 1), ate) for membro, ate in achadas]
    return [Trava(LIMITES[nome], chave, dt.datetime.fromtimestamp(ate, dt.UTC)) for nome, chave, ate in partes if nome in LIMITES]


def contar(nome: str, chave: str | int, *, maximo: int, janela: int = 60) -> int:
    """Count one of at most ``maximo`` in each window of ``janela`` seconds; returns 0, or the seconds until the next window when it is full."""
    agora = relogio.agora().timestamp()
    vez = int(agora // janela)
    onde = f"{_PREFIXO}:{nome}:{chave}:{vez}"

    def no_redis(r: redis.Redis) -> int:
        cano = r.pipeline(transaction=False)
        cano.incr(onde)
        cano.expire(onde, janela * 2)
        return int(cano.execute()[0])

    n = _com_redis(no_redis, lambda: _memoria.contar(f"{nome}:{chave}", vez))
    return 0 if n <= maximo else max(1, math.ceil((vez + 1) * janela - agora))


def endereco(ip: str | None) -> str:
    """An address as attempts are counted by: of IPv6 the network a single customer has (/64), of IPv4, also inside an IPv6, the address."""
    try:
        lido = ipaddress.ip_address(ip or "")
    except ValueError:
        return "-"
    lido = getattr(lido, "ipv4_mapped", None) or lido
    return str(ipaddress.ip_network((lido, 64), strict=False).network_address) if lido.version == 6 else str(lido)


def em_minutos(segundos: int) -> str:
    """A wait as people say it."""
    minutos = -(-segundos // 60)
    return ngettext("%(num)d minuto", "%(num)d minutos", minutos)


def _chave(limite: Limite, chave: str | int) -> str:
    return f"{_PREFIXO}:{limite.nome}:{chave}"


def _membro(limite: Limite, chave: str | int) -> str:
    return f"{limite.nome}:{chave}"


def _com_redis(fazer: Callable[[redis.Redis], T], senao: Callable[[], T]) -> T:
    try:
        return fazer(filas.conexao())
    except redis.RedisError as erro:
        log.warning("redis does not answer, limits are counted in memory error=%s", type(erro).__name__)
        return senao()


class _Memoria:
    """The same counts in this process, for as long as Redis is away."""

    def __init__(self) -> None:
        self.trava, self.dados, self.janelas = threading.Lock(), {}, {}

    def tentar(self, limite: Limite, chave: str, agora: float) -> Tentativa:
        """As the script."""
        with self.trava:
            n, ate, em = self.dados.get((limite.nome, chave), (0, 0.0, 0.0))
            if ate > agora:
                return Tentativa(math.ceil(ate - agora))
            n = 1 if agora - em > limite.esquece.total_seconds() else n + 1
            duracao = limite.duracao(n).total_seconds()
            self._guardar((limite.nome, chave), (n, agora + duracao if duracao else 0.0, agora))
            return Tentativa(0, bool(duracao))

    def devolver(self, limite: Limite, chave: str) -> None:
        """One attempt less."""
        with self.trava:
            n, _ate, em = self.dados.get((limite.nome, chave), (0, 0.0, 0.0))
            if n > 1:
                self.dados[limite.nome, chave] = (n - 1, 0.0, em)
            else:
                self.dados.pop((limite.nome, chave), None)

    def esquecer(self, limite: Limite, chave: str) -> None:
        """None left."""
        with self.trava:
            self.dados.pop((limite.nome, chave), None)

    def travados(self, agora: float) -> list[tuple[str, float]]:
        """Who waits."""
        with self.trava:
            return sorted(((f"{nome}:{chave}", ate) for (nome, chave), (_n, ate, _em) in self.dados.items() if ate > agora), key=lambda par: -par[1])

    def contar(self, nome: str, vez: int) -> int:
        """One more in the present window."""
        with self.trava:
            antes, n = self.janelas.get(nome, (vez, 0))
            self.janelas[nome] = (vez, n + 1 if antes == vez else 1)
            return self.janelas[nome][1]

    def _guardar(self, chave: tuple[str, str], valor: Any) -> None:
        if len(self.dados) > 10_000:      # an attacker with many addresses must not eat the memory: the oldest half goes
            for velha in sorted(self.dados, key=lambda k: self.dados[k][2])[:5_000]:
                del self.dados[velha]
        self.dados[chave] = valor


_memoria = _Memoria()
