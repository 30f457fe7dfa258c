"""Providers to begin with, as their public documentation describes their APIs; words in capitals are the account's own.

Sources: developers.facebook.com/docs/whatsapp/cloud-api (messages; free texts only within 24 hours of the customer's last one, approved templates any
time; 131026: undeliverable), twilio.com/docs/messaging/api/message-resource (21211: invalid number), zenvia.github.io/zenvia-openapi-spec/v2.
"""

from __future__ import annotations

from typing import NamedTuple

from app.core.tipos import N_
from app.notificacoes.canais import ProvedorHttp
from app.notificacoes.models import Canal, TipoCorpo


class ModeloPronto(NamedTuple):
    """A provider's API for one channel, with what is still to be filled in."""

    canal: Canal
    rotulo: str
    explicacao: str
    provedor: ProvedorHttp


_META = {
    "url": "https://graph.facebook.com/v21.0/ID_DO_NUMERO/messages", "cabecalhos": "Authorization: Bearer {{ segredo }}", "id_na_resposta": "messages.0.id",
    "recusa_status": "400", "recusa_texto": "131026",
}
_TWILIO = {
    "url": "https://api.twilio.com/2010-04-01/Accounts/SID_DA_CONTA/Messages.json", "cabecalhos": "Authorization: Basic {{ segredo | base64 }}",
    "tipo": TipoCorpo.formulario, "id_na_resposta": "sid", "recusa_status": "400", "recusa_texto": "21211",
}
_ZENVIA = '{\n  "from": "REMETENTE",\n  "to": "{{ telefone }}",\n  "contents": [{"type": "text", "text": "{{ texto }}"}]\n}'
_TOKEN_ZENVIA = {"cabecalhos": "X-API-TOKEN: {{ segredo }}", "corpo": _ZENVIA, "id_na_resposta": "id"}
_DICA_TWILIO = N_("Troque SID_DA_CONTA e o remetente. O segredo é SID_DA_CONTA:TOKEN.")
_DICA_ZENVIA = N_("Troque REMETENTE. O segredo é o token da API.")

PRONTOS: dict[str, ModeloPronto] = {
    "meta_modelo": ModeloPronto(
        Canal.whatsapp, N_("WhatsApp Cloud API (modelo aprovado)"),
        N_("Troque ID_DO_NUMERO e NOME_DO_MODELO: um modelo aprovado pela Meta cujo corpo tem um parâmetro. O segredo é o token de acesso."),
        ProvedorHttp(**_META, corpo=(
            '{\n  "messaging_product": "whatsapp",\n  "to": "{{ telefone }}",\n  "type": "template",\n  "template": {\n    "name": "NOME_DO_MODELO",\n'
            '    "language": {"code": "pt_BR"},\n    "components": [{"type": "body", "parameters": [{"type": "text", "text": "{{ texto }}"}]}]\n  }\n}'
        )),
    ),
    "meta_texto": ModeloPronto(
        Canal.whatsapp, N_("WhatsApp Cloud API (texto livre)"),
        N_("Troque ID_DO_NUMERO. O segredo é o token de acesso. A Meta só entrega texto livre até 24 horas depois da última mensagem do cliente."),
        ProvedorHttp(**_META, corpo=(
            '{\n  "messaging_product": "whatsapp",\n  "recipient_type": "individual",\n  "to": "{{ telefone }}",\n  "type": "text",\n'
            '  "text": {"preview_url": false, "body": "{{ texto }}"}\n}'
        )),
    ),
    "twilio_whatsapp": ModeloPronto(
        Canal.whatsapp, N_("Twilio (WhatsApp)"), _DICA_TWILIO,
        ProvedorHttp(**_TWILIO, corpo="To=whatsapp:+{{ telefone }}\nFrom=whatsapp:+REMETENTE\nBody={{ texto }}"),
    ),
    "zenvia_whatsapp": ModeloPronto(
        Canal.whatsapp, N_("Zenvia (WhatsApp)"), _DICA_ZENVIA, ProvedorHttp("https://api.zenvia.com/v2/channels/whatsapp/messages", **_TOKEN_ZENVIA),
    ),
    "twilio_sms": ModeloPronto(
        Canal.sms, N_("Twilio (SMS)"), _DICA_TWILIO, ProvedorHttp(**_TWILIO, corpo="To=+{{ telefone }}\nFrom=+REMETENTE\nBody={{ texto }}"),
    ),
    "zenvia_sms": ModeloPronto(
        Canal.sms, N_("Zenvia (SMS)"), _DICA_ZENVIA, ProvedorHttp("https://api.zenvia.com/v2/channels/sms/messages", **_TOKEN_ZENVIA),
    ),
}
