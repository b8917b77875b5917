from . import settlement_dispute_answer, settlement_statement_run
