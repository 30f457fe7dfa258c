"""Every hole of the framework that was measured, and the test that keeps it closed. A test that is renamed or goes away fails here."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

import pytest

RAIZ = Path(__file__).parents[1]

# roles and row-level rules
REGRAS_DE_LINHA = {
    "roles are seeded once and then the administrator's":
        "usuarios/test_papeis_preparados.py::test_what_an_administrator_took_and_gave_stays_after_preparing_again",
    "who may edit a user or a role is not thereby an administrator": "usuarios/test_telas_usuarios.py::test_a_ticked_box_does_not_make_an_administrator",
    "list, show, edit, delete, REST get, put and delete of another's row": "matriz/test_matriz.py::test_somebody_elses_row_does_not_exist",
    "another's row on the generated list": "core/visoes/test_visoes_listas.py::test_a_list_shows_only_the_rows_of_the_person",
    "another's record page": "core/visoes/test_visoes_listas.py::test_the_record_page_of_somebody_else_does_not_exist",
    "another's row edited or deleted": "core/visoes/test_visoes_formularios.py::test_deleting_and_editing_somebody_elses_row_does_not_exist",
    "/action/<name>/<pk> with another's key": "core/visoes/test_visoes_acoes.py::test_an_action_on_somebody_elses_row_does_not_exist",
    "/action_post with another's key": "core/visoes/test_visoes_acoes.py::test_rows_of_others_are_left_out_of_a_bulk_action",
    "an action on all rows of the filter": "core/visoes/test_visoes_salvas.py::test_it_stays_under_the_row_rules",
    "related tabs without the right to the other view": "core/visoes/test_visoes_listas.py::test_a_tab_is_shown_only_to_whom_may_list_it",
    "names of all related rows in the search form": "core/visoes/test_visoes_formularios.py::test_a_remote_select_brings_no_rows_with_the_page",
    "all rows in the select of a form": "core/visoes/test_visoes_formularios.py::test_options_are_searched_and_limited_to_the_persons_rows",
    "options without the right to their view": "core/visoes/test_visoes_formularios.py::test_options_need_the_permission_of_their_view",
    "any id posted to a remote select is saved": "core/visoes/test_visoes_formularios.py::test_a_posted_id_is_found_through_the_row_rules",
    "the same through ?_flt_0_x=": "core/visoes/test_visoes_formularios.py::test_a_relation_fixed_by_the_address_also_obeys_the_row_rules",
    "REST _info tells all related rows": "core/visoes/test_visoes_api.py::test_info_tells_nothing_about_other_tables_rows",
    "REST put or post with a foreign key to another's row": "core/visoes/test_visoes_api.py::test_a_foreign_key_to_somebody_elses_row_is_refused",
    "REST search on every column": "core/visoes/test_visoes_api.py::test_an_api_without_declared_columns_does_not_start",
    "REST rows of others": "core/visoes/test_visoes_api.py::test_rows_of_others_do_not_exist",
    "order by a hidden column": "core/visoes/test_visoes_listas.py::test_only_declared_columns_order_a_list",
    "filter by a hidden column": "core/visoes/test_visoes_listas.py::test_a_filter_the_list_does_not_know_is_refused_with_a_sentence",
    "page size without an end, page that is none": "core/visoes/test_visoes_listas.py::test_page_and_page_size_are_clamped",
    "an argument that makes a 500": "core/visoes/test_visoes_listas.py::test_a_senseless_argument_is_a_bad_request_never_a_crash",
    "no address makes an error": "matriz/test_matriz.py::test_no_address_makes_an_error",
    "/xview/download/<file>": "core/visoes/test_visoes_listas.py::test_the_download_route_of_the_framework_is_closed",
    "files are read under their owner's rule": "core/test_telas.py::test_a_file_without_a_rule_or_of_somebody_else_is_read_by_nobody",
    "MasterDetailView ignores the row rules": "casa/test_notas_do_framework.py::test_no_view_is_of_a_kind_whose_lists_ignore_the_row_rules",
    "charts under the row rules": "core/visoes/test_visoes_listas.py::test_a_chart_groups_in_the_database_under_the_row_rules",
    "exports under the row rules": "core/visoes/test_visoes_listas.py::test_the_csv_has_comma_decimals_labels_and_only_the_rows_of_the_person",
    "roles by group count": "usuarios/test_portao.py::test_the_role_counts_when_it_comes_by_a_group",
    "one mutable Filters for all threads: lists": "core/visoes/test_visoes_corrida.py::test_each_page_shows_its_own_filters_and_rows",
    "one mutable Filters for all threads: saved under the wrong row":
        "core/visoes/test_visoes_corrida.py::test_a_record_added_from_a_tab_is_saved_under_that_row",
    "one mutable Filters for all threads: API": "core/visoes/test_visoes_corrida.py::test_the_api_keeps_filters_apart_too",
    "identities under eight threads": "ataques/test_oito_linhas.py::test_nobody_is_ever_taken_for_somebody_else",
    "two technicians and two customers against each other": "ataques/test_um_contra_outro.py::test_one_gets_nothing_of_the_other",
    "the portal: own invoice, not another's, nothing else": "usuarios/test_portao.py::test_a_customer_finds_nothing_but_the_portal",
    "a new route without a rule": "matriz/test_matriz.py::test_a_new_screen_fails_until_somebody_says_who_may_reach_it",
}

# users and authentication
ENTRADA = {
    "TOTP before the session is opened": "usuarios/test_segundo_fator.py::test_a_password_alone_opens_nothing_once_it_is_on",
    "the same code twice": "usuarios/test_segundo_fator.py::test_no_code_counts_twice",
    "the half-open entry ends": "usuarios/test_segundo_fator.py::test_the_password_is_worth_five_minutes",
    "the secret at rest": "usuarios/test_segundo_fator.py::test_secret_and_codes_are_not_in_the_database_in_clear",
    "obligatory per role": "usuarios/test_segundo_fator.py::test_a_role_that_asks_for_it_opens_nothing_before_it_is_on",
    "/api/v1/security/login without the second factor": "usuarios/test_segundo_fator.py::test_the_api_asks_for_the_code_too",
    "the session is new at entry": "usuarios/test_entrada.py::test_the_session_is_new_at_entry_and_has_the_configured_life",
    "the change of a password asks for the present one": "usuarios/test_entrada.py::test_a_refused_change_says_why_at_the_field",
    "the change of a password ends the other sessions": "usuarios/test_entrada.py::test_a_change_of_password_ends_the_other_sessions_only",
    "a forged Host": "casa/test_ambiente.py::test_production_answers_to_the_name_of_its_public_address",
    "/login/ without a limit": "usuarios/test_entrada.py::test_an_address_that_only_fails_has_to_wait_and_is_told_how_long",
    "the API's login without a limit": "usuarios/test_entrada.py::test_the_lock_holds_on_the_page_and_on_the_api",
    "limits while Redis is away": "usuarios/test_entrada.py::test_limits_fall_back_to_memory_when_redis_is_away",
    "a lock-out ends by itself": "usuarios/test_entrada.py::test_an_account_locks_after_five_failures_and_opens_by_itself",
    "the cookie keeps no addresses": "core/visoes/test_volta.py::test_the_session_keeps_no_history",
    "password rules": "usuarios/test_senhas.py::test_a_weak_password_is_refused",
    "scopes of keys are enforced": "usuarios/test_chaves.py::test_a_key_opens_its_scopes_and_nothing_else",
    "a key writes nothing per request": "usuarios/test_chaves.py::test_using_a_key_writes_nothing_and_a_job_keeps_the_last_use",
    "a key is never more than its person": "usuarios/test_chaves.py::test_a_key_is_never_more_than_its_person",
    "tokens can be revoked": "usuarios/test_entrada.py::test_an_access_token_lasts_fifteen_minutes_and_ends_at_exit",
    "a copied refresh token": "usuarios/test_entrada.py::test_a_refresh_token_that_comes_back_was_copied_and_ends_them_all",
    "an inactive person is out at once": "usuarios/test_entrada.py::test_an_inactive_person_is_out_at_the_next_click",
    "an API never takes the browser's cookie": "matriz/test_matriz.py::test_an_api_never_accepts_the_session_of_the_browser",
    "the audit catches role edits too": "usuarios/test_telas_usuarios.py::test_the_matrix_gives_the_menu_with_the_screen_and_is_audited",
    "the audit is in the same transaction": "core/test_base.py::test_a_change_is_audited_with_before_and_after_in_the_same_transaction",
    "the audit masks secrets": "core/test_base.py::test_a_secret_is_never_written_to_the_audit",
}


@cache
def _testes(arquivo: str) -> set[str]:
    arvore = ast.parse((RAIZ / arquivo).read_text(encoding="utf-8"))
    return {no.name for no in ast.walk(arvore) if isinstance(no, ast.FunctionDef)}


@pytest.mark.parametrize("linha", [*REGRAS_DE_LINHA, *ENTRADA])
def test_the_test_that_closes_it_exists(linha: str) -> None:
    arquivo, _p, nome = {**REGRAS_DE_LINHA, **ENTRADA}[linha].partition("::")
    assert (RAIZ / arquivo).exists() and nome in _testes(arquivo), f"{linha}: no {nome} in {arquivo}"


def test_no_view_is_of_a_kind_whose_lists_ignore_the_row_rules(app) -> None:
    from flask_appbuilder import MasterDetailView, MultipleView

    assert [type(v).__name__ for v in app.appbuilder.baseviews if isinstance(v, (MasterDetailView, MultipleView))] == []
