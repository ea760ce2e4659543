/* SPDX-License-Identifier: GPL-3.0-or-later */

/* The keys of object files, level by level: their kinds, where they go, and the sentence that explains each (it becomes
 * the published JSON Schema).  Adding a key to the format begins here. */

#include "meta/decl.h"

#include <stddef.h>

#define AT(type, member) offsetof(type, member)

static const EnumName COLORS[] = {{"slate", 0}, {"blue", 1}, {"violet", 2}, {"amber", 3},
                                  {"green", 4}, {"red", 5},  {"accent", 6}, {0}};

static const EnumName ON_DELETE[] = {
    {"forbid", ON_DELETE_FORBID}, {"clear", ON_DELETE_CLEAR}, {"cascade", ON_DELETE_CASCADE}, {0}};

static const EnumName ROLLUP_OPS[] = {{"count", ROLLUP_COUNT}, {"sum", ROLLUP_SUM}, {"avg", ROLLUP_AVG},
                                      {"min", ROLLUP_MIN},     {"max", ROLLUP_MAX}, {0}};

static const EnumName DUPLICATE_HOW[] = {{"exact", DUPLICATE_EXACT},
                                         {"fold", DUPLICATE_FOLD},
                                         {"name", DUPLICATE_NAME},
                                         {"lookup", DUPLICATE_LOOKUP},
                                         {0}};

const EnumName field_type_names[] = {
    {"text", FIELD_TEXT},
    {"longtext", FIELD_LONGTEXT},
    {"integer", FIELD_INTEGER},
    {"decimal", FIELD_DECIMAL},
    {"money", FIELD_MONEY},
    {"percent", FIELD_PERCENT},
    {"boolean", FIELD_BOOLEAN},
    {"date", FIELD_DATE},
    {"time", FIELD_TIME},
    {"timestamp", FIELD_TIMESTAMP},
    {"duration", FIELD_DURATION},
    {"choice", FIELD_CHOICE},
    {"multichoice", FIELD_MULTICHOICE},
    {"person_name", FIELD_PERSON_NAME},
    {"emails", FIELD_EMAILS},
    {"phones", FIELD_PHONES},
    {"handles", FIELD_HANDLES},
    {"addresses", FIELD_ADDRESSES},
    {"url", FIELD_URL},
    {"identifier", FIELD_IDENTIFIER},
    {"reference", FIELD_REFERENCE},
    {"links", FIELD_LINKS},
    {"any_reference", FIELD_ANY_REFERENCE},
    {"user", FIELD_USER},
    {"file", FIELD_FILE},
    {"tags", FIELD_TAGS},
    {"autonumber", FIELD_AUTONUMBER},
    {"formula", FIELD_FORMULA},
    {"rollup", FIELD_ROLLUP},
    {"json", FIELD_JSON},
    {0},
};

static const KeyDef OPTION_KEYS[] = {
    {"key", KEY_NAME, AT(OptionDecl, key), "What is stored and sent; never changes.", .is_required = true},
    {"label", KEY_LABEL, AT(OptionDecl, label), "Shown to people.", .is_required = true},
    {"color", KEY_TEXT, AT(OptionDecl, color), "Hue of its mark.", .names = COLORS},
    {"is_closed", KEY_BOOL, AT(OptionDecl, is_closed), "Work on the record is over."},
    {"is_won", KEY_BOOL, AT(OptionDecl, is_won), "Closed with success."},
    {0},
};
static const KeyTable option_keys = {"an option", sizeof(OptionDecl), OPTION_KEYS};

static const KeyDef CONVERSION_KEYS[] = {
    {"object", KEY_NAME, AT(ConversionDecl, object), "Object that is made of this one.", .is_required = true},
    {"field", KEY_NAME, AT(ConversionDecl, field),
     "Field of it that takes the value; the one of the same name when absent."},
    {0},
};
static const KeyTable conversion_keys = {"a conversion", sizeof(ConversionDecl), CONVERSION_KEYS};

static const KeyDef FIELD_KEYS[] = {
    {"type", KEY_ENUM, AT(FieldDecl, type), "Kind of value.", .is_required = true, .names = field_type_names},
    {"label", KEY_LABEL, AT(FieldDecl, label), "Shown to people.", .is_required = true},
    {"help", KEY_LABEL, AT(FieldDecl, help), "One sentence that explains the field."},
    {"was", KEY_NAME, AT(FieldDecl, was),
     "Its name before: it keeps that one's column, and conditions that say it still find the field."},
    {"required", KEY_BOOL, AT(FieldDecl, is_required), "May not be empty."},
    {"required_if", KEY_CEL, AT(FieldDecl, required_if), "May not be empty while this is true."},
    {"visible", KEY_CEL, AT(FieldDecl, visible), "Shown in forms while this is true."},
    {"default", KEY_CEL, AT(FieldDecl, default_value), "Value of a new record when none is given."},
    {"unique", KEY_BOOL, AT(FieldDecl, is_unique), "No two live records hold the same value."},
    {"searchable", KEY_BOOL, AT(FieldDecl, is_searchable), "Found by global search."},
    {"sortable", KEY_TRI, AT(FieldDecl, is_sortable),
     "Lists may be ordered by it; text keeps a collation key."},
    {"filterable", KEY_TRI, AT(FieldDecl, is_filterable), "Offered in the condition builder."},
    {"groupable", KEY_TRI, AT(FieldDecl, is_groupable), "Totals may be grouped by it."},
    {"indexed", KEY_BOOL, AT(FieldDecl, is_indexed),
     "Has an index, so that a filter or order by it is fast."},
    {"readonly", KEY_BOOL, AT(FieldDecl, is_readonly), "Written by actions and by the system only."},
    {"secret", KEY_BOOL, AT(FieldDecl, is_secret), "Never leaves the server."},
    {"masked", KEY_BOOL, AT(FieldDecl, is_masked), "Shown in part without the right to see it whole."},
    {"unit_price", KEY_BOOL, AT(FieldDecl, is_unit_price), "Money kept with four places in every currency."},
    {"plain", KEY_BOOL, AT(FieldDecl, is_plain),
     "A number that names something, as a year: without grouping."},
    {"places", KEY_INT, AT(FieldDecl, places), "Digits after the point."},
    {"max_length", KEY_INT, AT(FieldDecl, max_chars), "Characters of text at most."},
    {"min", KEY_NUMBER, AT(FieldDecl, min), "Least value."},
    {"max", KEY_NUMBER, AT(FieldDecl, max), "Greatest value."},
    {"options", KEY_STRUCTS, AT(FieldDecl, options), "Values of a choice.", .sub = &option_keys},
    {"options_of", KEY_TEXT, AT(FieldDecl, options_of),
     "A choice of another object, as object.field, whose options are its own too."},
    {"to", KEY_NAMES, AT(FieldDecl, to), "Object a reference points to; several for any_reference.",
     .one_or_many = true},
    {"converts_to", KEY_STRUCTS, AT(FieldDecl, converts_to),
     "Where the value goes when the record is converted.", .sub = &conversion_keys},
    {"on_delete", KEY_ENUM, AT(FieldDecl, on_delete), "What deleting the target does.", .names = ON_DELETE},
    {"inverse", KEY_NAME, AT(FieldDecl, inverse),
     "Name of the list of these records in expressions of the target."},
    {"through", KEY_NAME, AT(FieldDecl, through), "Link object of a many-to-many field."},
    {"near", KEY_NAME, AT(FieldDecl, near), "Reference of the link object to this object."},
    {"far", KEY_NAME, AT(FieldDecl, far), "Reference of the link object to the other object."},
    {"result", KEY_ENUM, AT(FieldDecl, result), "Type of a formula's or roll-up's value.",
     .names = field_type_names},
    {"formula", KEY_CEL, AT(FieldDecl, formula), "Expression that gives the value."},
    {"op", KEY_ENUM, AT(FieldDecl, op), "What a roll-up does.", .names = ROLLUP_OPS},
    {"of", KEY_NAME, AT(FieldDecl, of), "Object whose records a roll-up gathers."},
    {"via", KEY_NAME, AT(FieldDecl, via), "Reference of those records to this object."},
    {"value", KEY_NAME, AT(FieldDecl, value), "Field that sum, avg, min or max takes."},
    {"filter", KEY_CEL, AT(FieldDecl, filter), "Which records a roll-up takes; reads their own fields only."},
    {"format", KEY_TEXT, AT(FieldDecl, number_format), "Form of an auto-number; {0} is the number."},
    {"country", KEY_TEXT, AT(FieldDecl, ident_country),
     "Country of an identifier (ISO 3166), when only one is taken."},
    {"kind", KEY_TEXT, AT(FieldDecl, ident_kind), "Kind of an identifier, when only one is taken."},
    {0},
};
static const KeyTable field_keys = {"a field", sizeof(FieldDecl), FIELD_KEYS};

static const KeyDef INDEX_KEYS[] = {
    {"fields", KEY_NAMES, AT(IndexDecl, fields), "Fields in order.", .is_required = true},
    {0},
};
static const KeyTable index_keys = {"an index", sizeof(IndexDecl), INDEX_KEYS};

static const KeyDef UNIQUE_KEYS[] = {
    {"name", KEY_NAME, AT(IndexDecl, name), "Name of the rule.", .is_required = true},
    {"fields", KEY_NAMES, AT(IndexDecl, fields), "Fields that together may not repeat.", .is_required = true},
    {"filter", KEY_CEL, AT(IndexDecl, filter),
     "Live records it holds for: own fields compared with constants."},
    {0},
};
static const KeyTable unique_keys = {"a unique rule", sizeof(IndexDecl), UNIQUE_KEYS};

static const KeyDef RULE_KEYS[] = {
    {"name", KEY_NAME, AT(RuleDecl, name), "Name of the rule.", .is_required = true},
    {"check", KEY_CEL, AT(RuleDecl, check), "Must be true for the record to be saved.", .is_required = true},
    {"message", KEY_LABEL, AT(RuleDecl, message), "Says what is wrong.", .is_required = true},
    {"field", KEY_NAME, AT(RuleDecl, field), "Where the message is shown."},
    {0},
};
static const KeyTable rule_keys = {"a rule", sizeof(RuleDecl), RULE_KEYS};

static const KeyDef DUPLICATE_KEYS[] = {
    {"fields", KEY_NAMES, AT(DuplicateDecl, fields), "Fields that together make records alike.",
     .is_required = true},
    {"how", KEY_ENUM, AT(DuplicateDecl, how), "How values are compared.", .is_required = true,
     .names = DUPLICATE_HOW},
    {0},
};
static const KeyTable duplicate_keys = {"a duplicate rule", sizeof(DuplicateDecl), DUPLICATE_KEYS};

static const KeyDef TRANSITION_KEYS[] = {
    {"name", KEY_NAME, AT(TransitionDecl, name), "Name of the move; the target state's key when absent."},
    {"from", KEY_NAMES, AT(TransitionDecl, from), "States it starts from; any when absent.",
     .one_or_many = true},
    {"to", KEY_NAME, AT(TransitionDecl, to), "State it leads to.", .is_required = true},
    {"label", KEY_LABEL, AT(TransitionDecl, label), "Text of its button.", .is_required = true},
    {"guard", KEY_CEL, AT(TransitionDecl, guard), "Must be true for the move."},
    {0},
};
static const KeyTable transition_keys = {"a transition", sizeof(TransitionDecl), TRANSITION_KEYS};

static const KeyDef STATE_KEYS[] = {
    {"field", KEY_NAME, AT(StateDecl, field), "The choice field that holds the state.", .is_required = true},
    {"transitions", KEY_STRUCTS, AT(StateDecl, transitions), "Allowed moves.", .is_required = true,
     .sub = &transition_keys},
    {0},
};
static const KeyTable state_keys = {"a state machine", sizeof(StateDecl), STATE_KEYS};

static const KeyDef SECTION_KEYS[] = {
    {"name", KEY_NAME, AT(SectionDecl, name), "Name by which a later layer finds it."},
    {"label", KEY_LABEL, AT(SectionDecl, label), "Heading.", .is_required = true},
    {"fields", KEY_NAMES, AT(SectionDecl, fields), "Fields in order.", .is_required = true},
    {"visible", KEY_CEL, AT(SectionDecl, visible), "Shown while this is true."},
    {0},
};
static const KeyTable section_keys = {"a section", sizeof(SectionDecl), SECTION_KEYS};

static const KeyDef RELATED_KEYS[] = {
    {"object", KEY_NAME, AT(RelatedDecl, object), "Object of the records.", .is_required = true},
    {"field", KEY_NAME, AT(RelatedDecl, field), "Their reference to this object.", .is_required = true},
    {"label", KEY_LABEL, AT(RelatedDecl, label), "Heading; the object's plural when absent."},
    {"columns", KEY_NAMES, AT(RelatedDecl, columns), "Columns; those of the object's list when absent."},
    {0},
};
static const KeyTable related_keys = {"a related list", sizeof(RelatedDecl), RELATED_KEYS};

static const KeyDef LAYOUT_KEYS[] = {
    {"highlights", KEY_NAMES, AT(LayoutDecl, highlights), "Fields at the head of the record page."},
    {"sections", KEY_STRUCTS, AT(LayoutDecl, sections), "Blocks of the form.", .sub = &section_keys},
    {"related", KEY_STRUCTS, AT(LayoutDecl, related), "Lists of other records.", .sub = &related_keys},
    {0},
};
static const KeyTable layout_keys = {"a layout", sizeof(LayoutDecl), LAYOUT_KEYS};

static const KeyDef BOARD_KEYS[] = {
    {"by", KEY_NAME, AT(BoardDecl, by), "Field whose values are the columns.", .is_required = true},
    {"card", KEY_NAMES, AT(BoardDecl, card), "Fields of a card.", .is_required = true},
    {"sum", KEY_NAME, AT(BoardDecl, sum), "Money or number added up per column."},
    {"weighted", KEY_NAME, AT(BoardDecl, weighted), "The same by probability, shown beside it."},
    {"mark", KEY_NAME, AT(BoardDecl, mark), "Boolean that marks a card while it is true."},
    {0},
};
static const KeyTable board_keys = {"a board", sizeof(BoardDecl), BOARD_KEYS};

static const KeyDef VIEW_KEYS[] = {
    {"key", KEY_NAME, AT(ViewDecl, key), "Name of the view.", .is_required = true},
    {"label", KEY_LABEL, AT(ViewDecl, label), "Shown to people.", .is_required = true},
    {"filter", KEY_CEL, AT(ViewDecl, filter), "Which records."},
    {"order_by", KEY_ORDER, AT(ViewDecl, order_by), "Order: names with - for descending, by commas."},
    {"columns", KEY_NAMES, AT(ViewDecl, columns), "Columns; those of the object when absent."},
    {0},
};
static const KeyTable view_keys = {"a view", sizeof(ViewDecl), VIEW_KEYS};

static const KeyDef OBJECT_KEYS[] = {
    {"object", KEY_NAME, AT(ObjectDecl, object), "Name of the object, also of its table.",
     .is_required = true},
    {"number", KEY_INT, AT(ObjectDecl, number), "Stable number, 1 to 1023; rows and references hold it.",
     .is_required = true},
    {"plural", KEY_NAME, AT(ObjectDecl, plural), "Name in addresses and in expressions.",
     .is_required = true},
    {"label", KEY_LABEL, AT(ObjectDecl, label), "One record, as people call it.", .is_required = true},
    {"label_plural", KEY_LABEL, AT(ObjectDecl, label_plural), "Many records.", .is_required = true},
    {"help", KEY_LABEL, AT(ObjectDecl, help), "What the object is for."},
    {"icon", KEY_TEXT, AT(ObjectDecl, icon), "Name of its icon."},
    {"color", KEY_TEXT, AT(ObjectDecl, color), "Hue of its icon.", .names = COLORS},
    {"group", KEY_NAME, AT(ObjectDecl, group), "Group of the navigation."},
    {"nav", KEY_BOOL, AT(ObjectDecl, in_nav), "Stands in the navigation."},
    {"nav_order", KEY_INT, AT(ObjectDecl, nav_order),
     "Its place in the group of the navigation, 1 first; after the others when absent."},
    {"timeline", KEY_BOOL, AT(ObjectDecl, has_timeline), "Its page has a timeline."},
    {"link", KEY_BOOL, AT(ObjectDecl, is_link), "Its records only join two others."},
    {"internal", KEY_BOOL, AT(ObjectDecl, is_internal), "Has no routes of its own."},
    {"private", KEY_BOOL, AT(ObjectDecl, is_private),
     "Everybody sees and changes those he is responsible for, whatever his role; nobody makes them by hand."},
    {"owned", KEY_TRI, AT(ObjectDecl, has_owner), "Records have a responsible person; true when absent."},
    {"parent", KEY_NAME, AT(ObjectDecl, parent), "Reference whose record decides the rights."},
    {"label_field", KEY_NAME, AT(ObjectDecl, label_field), "Field that names a record."},
    {"hand_over", KEY_CEL, AT(ObjectDecl, hand_over),
     "Which records go on with somebody else when the person leaves: what is still to be done. All when absent."},
    {"rate_date", KEY_NAME, AT(ObjectDecl, rate_date), "Date of the exchange rate of its money."},
    {"order_by", KEY_ORDER, AT(ObjectDecl, order_by), "Order of lists unless asked otherwise."},
    {"fields", KEY_NAMED, AT(ObjectDecl, fields), "Fields by name, in order.", .is_required = true,
     .sub = &field_keys},
    {"indexes", KEY_STRUCTS, AT(ObjectDecl, indexes), "Indexes of several fields.", .sub = &index_keys},
    {"unique", KEY_STRUCTS, AT(ObjectDecl, unique), "What may not repeat among live records.",
     .sub = &unique_keys},
    {"duplicates", KEY_STRUCTS, AT(ObjectDecl, duplicates), "What makes two records likely the same.",
     .sub = &duplicate_keys},
    {"rules", KEY_STRUCTS, AT(ObjectDecl, rules), "Validations.", .sub = &rule_keys},
    {"path", KEY_NAME, AT(ObjectDecl, path), "Choice or reference shown as a path of stages."},
    {"state", KEY_STRUCT, AT(ObjectDecl, state), "State machine.", .sub = &state_keys},
    {"layout", KEY_STRUCT, AT(ObjectDecl, layout), "Record page.", .sub = &layout_keys},
    {"columns", KEY_NAMES, AT(ObjectDecl, columns), "Columns of lists."},
    {"board", KEY_STRUCT, AT(ObjectDecl, board), "Board.", .sub = &board_keys},
    {"views", KEY_STRUCTS, AT(ObjectDecl, views), "Views that come with the program.", .sub = &view_keys},
    {0},
};
const KeyTable object_keys = {"an object", sizeof(ObjectDecl), OBJECT_KEYS};
