package io.lorikeet.engine.tokenizer;

import io.lorikeet.engine.jinja.TemplateException;
import io.lorikeet.engine.jinja.Text;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What a template writes at the beginning of a turn, found once by rendering a short conversation. A template that does not
 * write what is said, or not one turn after the other, is refused here.
 *
 * @param user before what a user says
 * @param assistant before what an assistant says, as far as the generation prompt has it: {@code <|im_start|>assistant\n}
 */
record TurnHeaders(String user, String assistant) {
    static TurnHeaders of(TemplateRenderer renderer) {
        List<ChatMessage> messages =
                List.of(ChatMessage.user("Ask"), ChatMessage.assistant("Tell"), ChatMessage.user("Ask"));
        Text all = renderer.render(Conversation.of(messages), false);
        List<Turn> turns = new ArrayList<>();
        for (int i = 0; i < messages.size(); i++) {
            Turn turn = Turn.of(all, i)
                    .filter(found -> found.content.isPresent())
                    .orElseThrow(() -> new TemplateException("expected a template that writes each message as a turn of"
                            + " its own, found one that does not for the conversation user, assistant, user"));
            if (!all.chars().startsWith(messages.get(i).content(), turn.content.getAsInt())) {
                throw new TemplateException("expected a template that writes what is said, found one that changes it");
            }
            turns.add(turn);
        }
        Text prompt = renderer.render(Conversation.of(messages.subList(0, 1)), true);
        int answer = turns.get(1).start;
        if (!prompt.chars().startsWith(all.chars().substring(0, answer))) {
            throw new TemplateException("expected a prompt to begin as a whole conversation does, found it different");
        }
        return new TurnHeaders(
                all.chars().substring(turns.get(2).start, turns.get(2).content.getAsInt()),
                commonPrefix(
                        all.chars().substring(answer, turns.get(1).content.getAsInt()),
                        prompt.chars().substring(answer)));
    }

    /** Where a turn begins, where its own text does, and where the turn ends. */
    private record Turn(int start, OptionalInt content, int end) {
        static Optional<Turn> of(Text text, int message) {
            return text.turn(message).map(range -> new Turn(range.start(), text.firstOf(message), range.end()));
        }
    }

    /** A range of a rendering. */
    record Answer(int start, int end) {}

    private static String commonPrefix(String a, String b) {
        int length = 0;
        while (length < Math.min(a.length(), b.length()) && a.charAt(length) == b.charAt(length)) {
            length++;
        }
        return a.substring(0, length);
    }

    /** Where the turn of this user's message begins; empty if the message is not written as usual. */
    OptionalInt userTurn(Text text, int message) {
        OptionalInt content = text.firstOf(message);
        int start = content.orElse(0) - user.length();
        boolean usual = content.isPresent()
                && start >= 0
                && text.chars().startsWith(user, start)
                && isTemplates(text, start, content.getAsInt());
        return usual ? OptionalInt.of(start) : OptionalInt.empty();
    }

    /**
     * What the assistant says in this turn of its own, to the end of the turn: what generating from the prompt before it
     * would have given. Empty if the turn is not written as usual.
     */
    Optional<Answer> answer(Text text, int message) {
        return Turn.of(text, message).flatMap(turn -> {
            int header = text.chars().indexOf(assistant, turn.start);
            int answer = header + assistant.length();
            boolean usual = header >= 0 && answer <= turn.content.orElse(turn.end) && isTemplates(text, header, answer);
            return usual ? Optional.of(new Answer(answer, turn.end)) : Optional.empty();
        });
    }

    private static boolean isTemplates(Text text, int start, int end) {
        return text.isFrom(start, end, origin -> origin == Text.TEMPLATE);
    }
}
